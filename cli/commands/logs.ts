// `berth logs`: what containers wrote, of one pod or of all that a selector or a workload names.

import { BerthError, type LogOptions, type Stored } from "../../client/mod.ts";
import type { KindName, LabelSelector } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { LineSplitter } from "../lines.ts";
import { selectorText } from "../printers/selector-text.ts";
import { kindOf, parseResourceArgs } from "../resource-args.ts";
import type { Session } from "../session.ts";
import { durationFlag, wholeNumberFlag } from "../settings.ts";

interface LogFlags {
  readonly follow?: boolean;
  readonly container?: string;
  readonly allContainers?: boolean;
  readonly previous?: boolean;
  readonly tail?: string;
  readonly since?: string;
  readonly timestamps?: boolean;
  readonly selector?: string;
  readonly limitBytes?: string;
}

interface Target {
  readonly pod: string;
  readonly container?: string;
}

/** Streams that one command follows at a time; more would drown a terminal. */
const maxStreams = 20;
/** Lines of each pod when a selector names them and nothing else is asked, as kubectl has it. */
const selectorTail = 10;

export const logsCommand: CommandFactory = (cli) =>
  cli
    .command("logs", "show what containers wrote")
    .argument("[what...]", "a pod, or rc/web for its pods")
    .option("-f, --follow", "go on as it grows")
    .option("-c, --container <name>", "which container")
    .option("--all-containers", "every container of the pod")
    .option("-p, --previous", "of the run before the present one")
    .option("--tail <lines>", "only the last lines")
    .option("--since <duration>", "only what is younger, such as 5m")
    .option("--timestamps", "begin each line with its time")
    .option("-l, --selector <labels>", "of all pods whose labels match")
    .option("--limit-bytes <n>", "at most so many bytes")
    .action(
      cli.action<LogFlags>(async (session, args, flags) => {
        const { targets, selected } = await targetsOf(session, args, flags);
        const several = targets.length > 1;
        const options = logOptions(session, flags, selected);
        const results = await Promise.all(
          targets.map((target) => copy(session, target, { options, several })),
        );
        if (session.signal.aborted) return exitCodes.interrupted;
        return results.every(Boolean) ? exitCodes.done : exitCodes.failed;
      }),
    );

function logOptions(session: Session, flags: LogFlags, selected: boolean): LogOptions {
  const { follow, previous, timestamps } = flags;
  const tail =
    flags.tail === undefined ? (selected ? selectorTail : -1) : wholeNumberFlag("--tail", flags.tail, -1);
  return {
    namespace: session.namespace,
    signal: session.signal,
    ...(follow && { follow }),
    ...(previous && { previous }),
    ...(timestamps && { timestamps }),
    ...(tail >= 0 && { tailLines: tail }),
    ...(flags.since && { sinceSeconds: Math.ceil(durationFlag("--since", flags.since) / 1000) }),
    ...(flags.limitBytes && { limitBytes: wholeNumberFlag("--limit-bytes", flags.limitBytes, 1) }),
  };
}

async function targetsOf(
  session: Session,
  args: readonly string[],
  flags: LogFlags,
): Promise<{ readonly targets: readonly Target[]; readonly selected: boolean }> {
  const selector = await selectorOf(session, args, flags);
  if (selector === undefined) {
    const [word = "", container] = args;
    const pod = word.includes("/") ? (parseResourceArgs([word])[0]?.name ?? "") : word;
    const named = flags.container ?? container;
    if (!flags.allContainers)
      return { targets: [{ pod, ...(named && { container: named }) }], selected: false };
    const client = await session.client();
    const found = await client.get("Pod", pod, { namespace: session.namespace, signal: session.signal });
    return { targets: containersOf(found), selected: false };
  }
  const client = await session.client();
  const pods = await client.list("Pod", {
    namespace: session.namespace,
    labelSelector: selector,
    signal: session.signal,
  });
  if (pods.length === 0) throw new BerthError({ code: "NotFound", message: `no pods match ${selector}` });
  const targets = pods.flatMap((pod) =>
    flags.allContainers
      ? containersOf(pod)
      : [{ pod: pod.metadata.name ?? "", ...(flags.container && { container: flags.container }) }],
  );
  if (targets.length > maxStreams) {
    throw new UsageError(
      `${targets.length} logs are more than the ${maxStreams} that one command shows; narrow the selection`,
    );
  }
  return { targets, selected: true };
}

/** Undefined when a pod is named. */
async function selectorOf(
  session: Session,
  args: readonly string[],
  flags: LogFlags,
): Promise<string | undefined> {
  if (flags.selector !== undefined) {
    if (args.length > 0) throw new UsageError("give a pod or a selector, not both");
    return flags.selector;
  }
  const [word, ...others] = args;
  if (word === undefined || others.length > 1) throw new UsageError("name one pod, or select pods with -l");
  if (!word.includes("/")) return undefined;
  const [kindWord = "", name = ""] = word.split("/");
  const kind = kindOf(kindWord);
  const where = { namespace: session.namespace, signal: session.signal };
  if (kind === "Pod") return undefined;
  const client = await session.client();
  if (isSelecting(kind)) return selectorText((await client.get(kind, name, where)).spec?.selector);
  if (kind === "ReplicationController" || kind === "Service") {
    const labels = (await client.get(kind, name, where)).spec?.selector;
    const selector: LabelSelector = labels ? { matchLabels: labels } : {};
    return selectorText(selector);
  }
  throw new UsageError(`a ${kind.toLowerCase()} has no logs; pods, workloads and svc have`);
}

type Selecting = "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job";
const selecting: readonly KindName[] = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"];
const isSelecting = (kind: KindName): kind is Selecting => selecting.includes(kind);

const containersOf = (pod: Stored<"Pod">): readonly Target[] =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(({ name }) => ({
    pod: pod.metadata.name ?? "",
    container: name,
  }));

async function copy(
  session: Session,
  target: Target,
  { options, several }: { readonly options: LogOptions; readonly several: boolean },
): Promise<boolean> {
  const client = await session.client();
  const { pod, container } = target;
  const label = session.style.cyan(`[${container ? `${pod}/${container}` : pod}] `);
  const lines = new LineSplitter();
  const print = async (line: Uint8Array): Promise<void> =>
    session.out(several ? Buffer.concat([Buffer.from(label), line]) : line);
  try {
    for await (const { data } of client.logs(pod, { ...options, ...(container && { container }) })) {
      if (!several) await session.out(data);
      else for (const line of lines.push(data)) await print(line);
    }
    for (const line of lines.end()) await print(line);
    return true;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    await session.err(`${berthErrorText(error)}\n`);
    return false;
  }
}
