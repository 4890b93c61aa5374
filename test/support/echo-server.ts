// A child process that answers each TCP connection with its own name, also inside another network namespace.

import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";

const script = `
const [name, address, port] = process.argv.slice(1);
require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {});
  socket.write(name + " " + socket.remoteAddress + "\\n");
  socket.on("data", (data) => socket.write(data));
  socket.on("end", () => socket.end());
}).listen(Number(port), address, () => process.stdout.write("ready\\n"));
`;

export interface EchoServer {
  readonly name: string;
  stop(): Promise<void>;
}

/** `namespace` is a network namespace made by `ip netns add`. */
export async function startEcho(options: {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly namespace?: string;
}): Promise<EchoServer> {
  const { name, address, port, namespace } = options;
  const node = [process.execPath, "--eval", script, name, address, String(port)];
  const [command = "", ...args] = namespace ? ["nsenter", `--net=/run/netns/${namespace}`, ...node] : node;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", () => reject(new Error(`echo server ${name} ended`)));
  });
  return { name, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  await exited;
}

/** First line of a new connection: `<server's name> <client's address as the server sees it>`. */
export function greeting(address: string, port: number, localAddress?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: 3000, ...(localAddress && { localAddress }) });
    socket.once("timeout", () => socket.destroy(new Error("timed out")));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed without a greeting")));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString().trim());
    });
  });
}

/** Names that answer `count` connections, one after another. */
export async function answeringNames(address: string, port: number, count: number): Promise<Set<string>> {
  const names = new Set<string>();
  for (let number = 0; number < count; number++)
    names.add((await greeting(address, port)).split(" ")[0] ?? "");
  return names;
}
