// The processes of a cluster on this machine: nats-server, masters and agents, each a real daemon.

import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureNatsServer, type NatsBinary, type NatsServer, startNatsServer } from "../../../deploy/mod.ts";
import { ensureSecretKey } from "../secret-key-file.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";

export interface ClusterOptions {
  /** Everything of this cluster on disk. */
  readonly directory: string;
  /** Folder for an installed nats-server. */
  readonly binaries: string;
  readonly cluster: string;
  readonly port: number;
  readonly masters: number;
  readonly nodes: number;
  readonly runtime: RuntimeChoice;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** What each node offers: the machine's size divided by the number of nodes. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** Further arguments of every master. */
  readonly masterArguments?: readonly string[];
  /** Further arguments of every agent. */
  readonly agentArguments?: readonly string[];
  /** Where an agent dials instead of the server itself: a test puts something in between. */
  readonly agentServers?: (url: string, name: string) => string;
  readonly report: (line: string) => void;
}

export interface RunningCluster {
  readonly url: string;
  readonly nats: NatsServer & { readonly binary: NatsBinary };
  /** By name: `master-1`, `n1`, … */
  readonly daemons: ReadonlyMap<string, ChildProcess>;
  /** Starts a daemon again that has ended. */
  restart(name: string): void;
  /** Resolves with the name of a process that ended unasked, and the last lines of its log. */
  readonly broken: Promise<string>;
  stop(report: (line: string) => void): Promise<void>;
}

const isMaster = (name: string): boolean => name.startsWith("master-");

const stopTimeoutMs = 25_000;
/** What the daemons get for their own end, before the server goes that they talk over. */
const guardSeconds = 5;

export async function startProcesses(options: ClusterOptions): Promise<RunningCluster> {
  const { directory, report } = options;
  const logs = join(directory, "logs");
  await mkdir(logs, { recursive: true });
  ensureSecretKey(secretKeyFile(options));
  const binary = await ensureNatsServer({ directory: options.binaries, env: process.env, report });
  const nats = await startNatsServer({
    binary: binary.path,
    directory: join(directory, "nats"),
    port: options.port,
  });
  const guard = guardServer(nats.pid, directory);
  const daemons = new Map<string, ChildProcess>();
  let stopping = false;
  let reportBroken: (message: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => {
    reportBroken = resolve;
  });
  const watch = (name: string, child: ChildProcess): void => {
    child.once("exit", (code, signal) => {
      if (stopping || daemons.get(name) !== child) return;
      const file = join(logs, `${name}.log`);
      void lastLines(file).then((tail) =>
        reportBroken(`${name} ended (${signal ?? `exit code ${code}`}); its log is ${file}:\n${tail}`),
      );
    });
  };
  const launch = (name: string): void => {
    const args = isMaster(name)
      ? masterArguments(options, nats.url, name)
      : agentArguments(options, nats.url, name);
    const child = startDaemon(args, join(logs, `${name}.log`));
    daemons.set(name, child);
    watch(name, child);
  };
  for (let number = 1; number <= options.masters; number++) launch(`master-${number}`);
  for (let number = 1; number <= options.nodes; number++) launch(`n${number}`);
  void nats.exited.then(() => {
    if (!stopping)
      reportBroken(`nats-server ended; its log is ${join(directory, "nats", "nats-server.log")}`);
  });
  return {
    url: nats.url,
    nats: Object.assign(nats, { binary }),
    daemons,
    broken,
    restart: launch,
    stop: async (say) => {
      stopping = true;
      const named = [...daemons];
      say("stopping agents and their pods");
      await stopAll(named.filter(([name]) => !isMaster(name)).map(([, child]) => child));
      say("stopping the master");
      await stopAll(named.filter(([name]) => isMaster(name)).map(([, child]) => child));
      say("stopping nats-server");
      await nats.stop();
      if (guard.pid !== undefined) process.kill(-guard.pid, "SIGKILL");
    },
  };
}

/**
 * Ends nats-server if we are killed: it does not look at a pipe as our daemons do, and goes after them. Makes sure
 * that the number is still that server's.
 */
function guardServer(pid: number, directory: string): ChildProcess {
  const script =
    'cat >/dev/null; sleep "$1"; case "$(ps -o args= -p "$2")" in *nats-server*"$3"*) kill "$2";; esac';
  const args = ["-c", script, "sh", String(guardSeconds), String(pid), directory];
  const guard = spawn("sh", args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guard.unref();
  return guard;
}

/**
 * A daemon in a process group of its own, so that a Ctrl-C at the terminal reaches only us and things stop in
 * order. It holds a pipe from us: if we are killed, it sees the end of the pipe and stops by itself.
 */
function startDaemon(args: readonly string[], logFile: string): ChildProcess {
  const log = openSync(logFile, "a");
  const main = join(
    import.meta.dirname,
    "..",
    "..",
    import.meta.filename.endsWith(".ts") ? "main.ts" : "main.js",
  );
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], {
    stdio: ["pipe", log, log],
    detached: true,
    env: { ...process.env, BERTH_STOP_WITH_STDIN: "true" },
  });
}

const secretKeyFile = ({ directory }: ClusterOptions): string => join(directory, "secret.key");

function masterArguments(options: ClusterOptions, url: string, name: string): string[] {
  return [
    ["master", "--servers", url, "--id", name],
    ["--pod-cidr", options.podCidr, "--service-cidr", options.serviceCidr],
    ["--secret-key-file", secretKeyFile(options), ...(options.masterArguments ?? [])],
  ].flat();
}

function agentArguments(options: ClusterOptions, url: string, name: string): string[] {
  const { cluster, runtime, directory, agentServers } = options;
  const dockerHost = runtime.dockerHost === undefined ? [] : ["--docker-host", runtime.dockerHost];
  return [
    ["agent", "--servers", agentServers?.(url, name) ?? url, "--node", name, "--cluster", cluster],
    ["--directory", join(directory, name), "--runtime", runtime.name, ...dockerHost],
    ["--cpu-milli", String(options.cpuMilli), "--memory-bytes", String(options.memoryBytes)],
    // A developer's disk may be nearly full; that is no reason to run nothing.
    ["--eviction-hard", "memory.available<100Mi"],
    ["--on-stop", "remove", ...(options.agentArguments ?? [])],
  ].flat();
}

async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    }),
  );
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-8).join("\n");
}
