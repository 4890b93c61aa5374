// Runs a command on a "host" of its own: called inside a fresh network namespace, it brings up loopback, starts a
// Docker engine there, runs the command with DOCKER_HOST set, and takes everything down again.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuse } from "./program-arguments.ts";

const engineStartMs = 60_000;
const engineStopMs = 20_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function startEngine(folder: string): Promise<{ engine: ChildProcess; host: string }> {
  const host = `unix://${folder}/docker.sock`;
  const log = openSync(join(folder, "dockerd.log"), "a");
  const args = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
  const engine = spawn("dockerd", [...args, "-p", join(folder, "pid"), "-H", host], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  for (let waited = 0; waited < engineStartMs; waited += 100) {
    if (await answers(join(folder, "docker.sock"))) return { engine, host };
    if (engine.exitCode !== null) break;
    await pause(100);
  }
  const tail = readFileSync(join(folder, "dockerd.log"), "utf8").split("\n").slice(-10).join("\n");
  throw new Error(`dockerd did not start:\n${tail}`);
}

/** Its socket is there before its bridge is: only an answered ping says that it is ready. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get({ socketPath, path: "/_ping" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("error", () => resolve(false));
  });
}

async function stopEngine(engine: ChildProcess): Promise<void> {
  const exited = new Promise<void>((resolve) => engine.once("exit", () => resolve()));
  engine.kill("SIGTERM");
  await Promise.race([exited, pause(engineStopMs)]);
  engine.kill("SIGKILL");
}

/** An uplink with a default route makes service addresses routable, as on any host with a network. */
function prepareNetwork(): void {
  for (const line of [
    "link set lo up",
    "link add uplink type veth peer name uplink-peer",
    "link set uplink up",
    "link set uplink-peer up",
    "address add 192.0.2.1/24 dev uplink",
    "route add default via 192.0.2.2",
  ]) {
    execFileSync("ip", line.split(" "));
  }
}

const usage = `Usage: unshare --net -- node test/support/own-host.ts COMMAND [ARGUMENT ...]

Runs the command with a Docker engine of its own (DOCKER_HOST), in the network namespace that it is called in.`;
const [command = "", ...args] = process.argv.slice(2);
if (["--help", "-h"].includes(command)) {
  console.log(usage);
  process.exit();
}
if (command === "" || command.startsWith("-")) {
  refuse(usage, command ? `Unknown option '${command}'` : "Which command?");
}
const folder = mkdtempSync(join(tmpdir(), "berth-host-"));
let engine: ChildProcess | undefined;
// The command gets the terminal's signals itself; we stay to clean up after it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
try {
  prepareNetwork();
  const started = await startEngine(folder);
  engine = started.engine;
  const child = spawn(command, args, {
    stdio: "inherit",
    env: { ...process.env, DOCKER_HOST: started.host, BERTH_OWN_HOST: "true" },
  });
  process.exitCode = await new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  if (engine) await stopEngine(engine);
  // Overlay mounts of containers that were killed hard would keep the folder busy.
  spawnSync("sh", ["-c", `grep -o ' ${folder}[^ ]*' /proc/mounts | sort -r | xargs -r -n1 umount -l`]);
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
