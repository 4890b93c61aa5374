// Real nats-server processes for tests: a free port, JetStream in a folder, every write synced.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface NatsServerOptions {
  /** Kept when given, and found again by the next server on it; else temporary. */
  readonly directory?: string;
  /** For a restart where clients look for it. Default: one that is free. */
  readonly port?: number;
  /** More lines of configuration, in nats-server's own syntax. */
  readonly config?: string;
  /** Default true. */
  readonly jetStream?: boolean;
}

export interface NatsServerHandle {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  /** Ends it in order; removes a temporary folder. */
  stop(): Promise<void>;
  /** SIGKILL; the folder stays, also a temporary one, until `stop`. */
  kill(): Promise<void>;
  /** Starts again on the same port and folder. */
  restart(): Promise<NatsServerHandle>;
}

const startLimitMs = 15_000;
const repository = join(import.meta.dirname, "..", "..");

/** BERTH_NATS_SERVER, then the one that setup installed, then PATH. */
export function findNatsServer(): string {
  const named = process.env["BERTH_NATS_SERVER"];
  const places = [
    ...(named ? [named] : []),
    join(repository, ".berth", "bin", "nats-server"),
    ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "nats-server")),
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new Error(
      "no nats-server: run npm test once (it installs one), or set BERTH_NATS_SERVER to its path",
    );
  }
  return found;
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServerHandle> {
  if (options.directory !== undefined) return await launch(options, options.directory, false);
  return await launch(options, await mkdtemp(join(tmpdir(), "berth-nats-")), true);
}

async function launch(
  options: NatsServerOptions,
  directory: string,
  temporary: boolean,
): Promise<NatsServerHandle> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, "nats.conf");
  await writeFile(file, configuration(directory, options));
  const child = spawn(findNatsServer(), ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  const dieWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", dieWithUs);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void ended.then(() => process.removeListener("exit", dieWithUs));
  const port = await listening(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    directory,
    kill: () => end("SIGKILL"),
    stop: async () => {
      await end("SIGTERM");
      if (temporary) await rm(directory, { recursive: true, force: true });
    },
    restart: async () => {
      await end("SIGTERM");
      return await launch({ ...options, port }, directory, temporary);
    },
  };
}

function configuration(directory: string, options: NatsServerOptions): string {
  const jetStream = `jetstream { store_dir: "${join(directory, "jetstream")}", sync_interval: always }`;
  return [
    `listen: "127.0.0.1:${options.port ?? -1}"`,
    "max_payload: 8MB",
    ...(options.jetStream === false ? [] : [jetStream]),
    options.config ?? "",
    "",
  ].join("\n");
}

/** Reads the server's log until it says where it listens and that it is ready. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`nats-server ${why}; it said:\n${text}`));
    };
    const limit = setTimeout(() => fail(`was not ready within ${startLimitMs} ms`), startLimitMs);
    child.once("error", (error) => fail(`did not start: ${error.message}`));
    child.once("exit", (code) => fail(`ended with ${code} before it was ready`));
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      if (!text.includes("Server is ready")) text += piece;
      const port = /client connections on [^\s]*:(\d+)/.exec(text)?.[1];
      if (port === undefined || !text.includes("Server is ready")) return;
      clearTimeout(limit);
      child.removeAllListeners("exit");
      resolve(Number(port));
    });
  });
}
