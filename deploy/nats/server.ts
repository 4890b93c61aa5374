// Runs a nats-server as a child process, with the settings that the log needs.

import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface NatsServerOptions {
  readonly binary: string;
  /** Holds its configuration, log, pid file and JetStream store. */
  readonly directory: string;
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** More configuration text (accounts, cluster routes). */
  readonly extra?: string;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when it has exited, however it ended. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 15_000;
const stopTimeoutMs = 10_000;

/** What the state store needs: every acknowledged write on disk, and messages as large as the largest commit. */
export const natsConfiguration = (options: {
  readonly host: string;
  readonly port: number;
  readonly storeDirectory: string;
  readonly extra?: string;
}): string => `# Settings that Berth needs of a nats-server (2.12.7 or later).
listen: "${options.host}:${options.port || -1}"
max_payload: 8MB
# A dead agent's connection is noticed within seconds.
ping_interval: "2s"
ping_max: 2
write_deadline: "10s"
jetstream {
  store_dir: "${options.storeDirectory}"
  # An acknowledged commit survives a power failure.
  sync_interval: always
}
${options.extra ?? ""}
`;

export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const { binary, directory, host = "127.0.0.1", port, extra } = options;
  await mkdir(directory, { recursive: true });
  const configuration = join(directory, "nats-server.conf");
  await writeFile(
    configuration,
    natsConfiguration({ host, port, storeDirectory: join(directory, "jetstream"), ...(extra && { extra }) }),
  );
  const pidFile = join(directory, "nats-server.pid");
  await endLeftOver(pidFile, configuration);
  const portsDirectory = join(directory, "ports");
  await rm(portsDirectory, { recursive: true, force: true });
  await mkdir(portsDirectory);
  const log = openSync(join(directory, "nats-server.log"), "a");
  const child = spawn(binary, ["-c", configuration, "--pid", pidFile, "--ports_file_dir", portsDirectory], {
    stdio: ["ignore", log, log],
    // Its own group: a Ctrl-C at the terminal must not end it before the masters have stood down.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const actualPort = await waitForPort(child, portsDirectory, join(directory, "nats-server.log"));
  return {
    url: `nats://${host}:${actualPort}`,
    port: actualPort,
    pid: child.pid ?? 0,
    exited,
    stop: () => stopChild(child, exited),
  };
}

/** The server writes a ports file once it listens: no guessing, no parsing of log lines. */
async function waitForPort(child: ChildProcess, portsDirectory: string, logFile: string): Promise<number> {
  const file = join(portsDirectory, `nats-server_${child.pid}.ports`);
  for (let waited = 0; waited < startTimeoutMs; waited += 20) {
    const text = await readFile(file, "utf8").catch(() => "");
    const url =
      text.endsWith("}") || text.endsWith("\n")
        ? (JSON.parse(text) as { nats?: string[] }).nats?.[0]
        : undefined;
    if (url) return Number(new URL(url).port);
    if (child.exitCode !== null || child.pid === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill("SIGKILL");
  const log = await readFile(logFile, "utf8").catch(() => "");
  const reason = log.split("\n").findLast((line) => /\[(FTL|ERR)\]/.test(line)) ?? log.slice(-500);
  throw new Error(
    `nats-server did not start: ${reason.trim() || "it could not be run"}\nIts log: ${logFile}`,
  );
}

/** A server of ours whose parent was killed still holds the store: it goes first. Another process never does. */
async function endLeftOver(pidFile: string, configuration: string): Promise<void> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  const commandLine = (): Promise<string> => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (!pid || !(await commandLine()).split("\0").includes(configuration)) return;
  process.kill(pid, "SIGTERM");
  for (let waited = 0; waited < stopTimeoutMs; waited += 50) {
    if ((await commandLine()) === "") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.kill(pid, "SIGKILL");
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await exited;
  clearTimeout(timer);
}
