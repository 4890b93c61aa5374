// `berth dev`, behind `npm start`: a whole cluster on this machine, with an example that lives in it.

import { availableParallelism, totalmem } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { type BerthClient, connect, type Stored } from "../../../client/mod.ts";
import { summarizePod } from "../../printers/pod-status.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import {
  Guestbook,
  guestbookAddress,
  guestbookImage,
  guestbookManifests,
  guestbookSelector,
  readyPods,
  replacePod,
} from "./guestbook.ts";
import { createLiveTable } from "./live-table.ts";
import { freePort } from "./free-port.ts";
import { type RunningCluster, startProcesses } from "./processes.ts";
import { chooseRuntime, type RuntimeChoice } from "./runtime-choice.ts";

interface DevFlags {
  readonly nodes: number;
  readonly masters: number;
  readonly runtime?: "docker" | "process";
  readonly data: string;
  readonly port?: number;
  readonly once?: boolean;
  readonly example: boolean;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
}

const defaultPort = 4222;
const readyTimeoutMs = 120_000;
const pollMs = 100;
/** Loopback ranges for pods and services that are processes; private ones where Docker gives pods a network. */
const addressRanges = {
  process: { podCidr: "127.64.0.0/16", serviceCidr: "127.96.0.0/16" },
  docker: { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16" },
} as const;

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError("must be a whole number");
  return number;
};

const portNumber = (text: string): number => {
  const number = wholeNumber(text);
  if (number > 65_535) throw new InvalidArgumentError("must be at most 65535; 0 takes a free one");
  return number;
};

export const devCommand = (): Command =>
  new Command("dev")
    .description("run a whole cluster on this machine, with an example in it")
    .option("--nodes <n>", "node agents", wholeNumber, 3)
    .option("--masters <n>", "masters; one leads, the others stand by", wholeNumber, 1)
    .addOption(
      new Option("--runtime <name>", "how pods run (default: docker if it can, else process)").choices([
        "docker",
        "process",
      ]),
    )
    .option("--data <folder>", "folder for the cluster's files", ".berth")
    .option(
      "--port <n>",
      `port of the NATS server (default: ${defaultPort}, or a free one if it is taken)`,
      portNumber,
    )
    .option("--once", "run every step unattended, verify it, clean up, and exit 0 or 1")
    .option("--no-example", "start an empty cluster")
    .option("--pod-cidr <cidr>", "addresses of pods")
    .option("--service-cidr <cidr>", "addresses of services")
    .action((flags: DevFlags) => runDev(flags));

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const step = (line: string): void => say(`${pc.green("✓")} ${line}`);

async function runDev(flags: DevFlags): Promise<void> {
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve("interrupted"));
  });
  let folder: DataFolder | undefined;
  let cluster: RunningCluster | undefined;
  try {
    const runtime = await chooseRuntime({
      asked: flags.runtime,
      dockerHost: process.env["DOCKER_HOST"],
      images: flags.example ? [guestbookImage] : [],
      report: (line) => say(pc.dim(line)),
    });
    folder = openDataFolder(flags.data, runtime.name);
    cluster = await startCluster(flags, folder, runtime);
    const work = useCluster(flags, folder, cluster);
    const broken = cluster.broken.then((reason): never => {
      throw new Error(reason);
    });
    const end = await Promise.race([work, broken, interrupted]);
    if (end !== "interrupted" && !flags.once) await Promise.race([broken, interrupted]);
    if (end === "interrupted" && flags.once) process.exitCode = 130;
  } catch (error) {
    process.stderr.write(`${pc.red("error:")} ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await cluster?.stop((line) => say(pc.dim(`${line} …`)));
    folder?.release();
    if (cluster) step("everything has stopped; nothing is left running");
  }
  process.exit();
}

async function startCluster(
  flags: DevFlags,
  folder: DataFolder,
  runtime: RuntimeChoice,
): Promise<RunningCluster> {
  say(`runtime: ${pc.bold(runtime.name)} (${runtime.why})`);
  const nodes = Math.max(1, flags.nodes);
  const started = performance.now();
  const cluster = await startProcesses({
    ...folder,
    port: flags.port ?? (flags.once ? 0 : await freePort(defaultPort)),
    masters: Math.max(1, flags.masters),
    nodes,
    runtime,
    podCidr: flags.podCidr ?? addressRanges[runtime.name].podCidr,
    serviceCidr: flags.serviceCidr ?? addressRanges[runtime.name].serviceCidr,
    cpuMilli: Math.floor((availableParallelism() * 1000) / nodes),
    memoryBytes: Math.floor(totalmem() / nodes),
    report: (line) => say(pc.dim(line)),
  });
  const { binary } = cluster.nats;
  folder.announce(cluster.url, "berth");
  step(`nats-server ${binary.version} (${binary.from}) on ${cluster.url}, files in ${folder.directory}`);
  step(
    `${plural(Math.max(1, flags.masters), "master")}, ${plural(nodes, "node agent")} started in ${seconds(started)}`,
  );
  return cluster;
}

/** Resolves when every step was seen to work. */
async function useCluster(flags: DevFlags, folder: DataFolder, cluster: RunningCluster): Promise<void> {
  const started = performance.now();
  const client = await connect({ servers: [cluster.url], user: "admin", timeoutMs: 30_000 });
  try {
    await waitForNodes(client, Math.max(1, flags.nodes));
    step(`cluster is ready: ${plural(Math.max(1, flags.nodes), "node")}`);
    if (!flags.example) return;
    for (const manifest of guestbookManifests(`${folder.directory}/guestbook`)) {
      const { outcome } = await client.apply(manifest);
      step(`${manifest.kind.toLowerCase()}/${manifest.metadata.name} ${outcome ?? "applied"}`);
    }
    await waitForGuestbook(client);
    step(`the guestbook is ready, ${seconds(started)} after the start`);
    await tour(client);
  } finally {
    await client.close();
  }
  if (!flags.once) say(whatNext(cluster.url));
}

async function waitForNodes(client: BerthClient, count: number): Promise<void> {
  await until(`${count} nodes are ready`, async () => {
    const { nodes } = await client.status();
    // The log may still call a node ready that was so before this start: only one that is heard now counts.
    const ready = nodes.filter(
      ({ state, inSync, lastSeenMs }) => state === "Ready" && inSync && lastSeenMs !== undefined,
    );
    return ready.length >= count;
  });
}

async function waitForGuestbook(client: BerthClient): Promise<void> {
  const table = createLiveTable(["POD", "READY", "STATUS", "IP", "NODE"], process.stdout);
  await until("the guestbook's pods are ready", async () => {
    const pods = await client.list("Pod", { namespace: "default", labelSelector: guestbookSelector });
    table.show(pods.map(tableRow));
    const { frontend, store } = await readyPods(client);
    return frontend >= 3 && store >= 1;
  });
  table.done();
}

function tableRow(pod: Stored<"Pod">): readonly string[] {
  const { ready, total, reason } = summarizePod(pod);
  return [
    pod.metadata.name ?? "",
    `${ready}/${total}`,
    reason,
    pod.status?.podIP ?? "",
    pod.spec?.nodeName ?? "",
  ];
}

/** Uses the guestbook as its users do, and shows what the cluster does about a pod that dies. */
async function tour(client: BerthClient): Promise<void> {
  const address = await guestbookAddress(client);
  const guestbook = new Guestbook(address);
  const before = await guestbook.read();
  const { entry, servedBy } = await guestbook.sign("berth", `hello number ${before.entries.length + 1}`);
  step(`wrote entry ${entry.id} through http://${address}/ (answered by ${servedBy})`);
  const answered = new Set<string>();
  let reads = 0;
  // Pods that were ready before this start may have to be started again first.
  await until("several pods answer: the service does not balance", async () => {
    for (let number = 0; number < 30; number++) {
      const { entries, servedBy: pod } = await guestbook.read();
      reads++;
      if (!entries.some(({ id }) => id === entry.id))
        throw new Error(`entry ${entry.id} was written but not read again`);
      answered.add(pod);
    }
    return answered.size >= 2;
  });
  step(`read it ${reads} times, answered by ${[...answered].sort().join(", ")}`);
  const { killed, by } = await replacePod(client);
  step(`deleted pod ${killed}; ${by} took its place`);
  const after = await guestbook.read();
  if (!after.entries.some(({ id }) => id === entry.id)) throw new Error("the entry was lost");
  const count = after.entries.length;
  step(`the guestbook still has its ${count === 1 ? "entry" : `${count} entries`}`);
}

async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await met())) {
    if (performance.now() > deadline) {
      throw new Error(
        `gave up waiting until ${what}; look with: npx berth get pods -o wide, npx berth events`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const whatNext = (url: string): string => `
${pc.bold("The cluster is up.")} Try, in another terminal in this folder:

  npx berth get pods -o wide
  npx berth why rc/guestbook
  npx berth scale rc/guestbook --replicas=6
  npx berth logs -l tier=frontend --tail=5
  npx berth status

and with the plain nats CLI:

  nats -s ${url} sub 'berth.events.>'
  nats -s ${url} req berth.api.admin.list.core.pods.default._._ ''
  nats -s ${url} stream view BERTH_LOG --translate 'npx berth decode'

Ctrl-C stops everything; the next start finds its data again.
`;
