// `berth port-forward`: ports of this machine that lead to ports of a pod, until interrupted.

import { createServer, type Server, type Socket } from "node:net";
import { BerthError, type BerthClient } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { podNameOf } from "../pod-choice.ts";
import type { Session } from "../session.ts";

interface ForwardFlags {
  readonly address?: string;
}
interface Ports {
  readonly local: number;
  readonly remote: number;
}

export const portForwardCommand: CommandFactory = (cli) =>
  cli
    .command("port-forward", "lead ports of this machine to a pod")
    .argument("<pod>", "a pod, or svc/web or deploy/web for one of its pods")
    .argument("<ports...>", "8080:80, 80 for the same number, :80 for any free one")
    .option("--address <ip>", "listen on this address", "127.0.0.1")
    .action(
      cli.action<ForwardFlags>(async (session, args, flags) => {
        const [word = "", ...texts] = args;
        const wanted = texts.map(parsePorts);
        const pod = await podNameOf(session, word);
        const ports = await Promise.all(wanted.map((each) => targetPort(session, word, each)));
        const client = await session.client();
        // Nothing is listened on for a pod that is not there.
        await client.get("Pod", pod, { namespace: session.namespace, signal: session.signal });
        const servers: Server[] = [];
        try {
          for (const each of ports) {
            const server = serve(session, client, pod, each.remote);
            servers.push(server);
            const local = await listening(server, each.local, flags.address ?? "127.0.0.1");
            await session.out(`Forwarding from ${flags.address}:${local} -> ${each.remote}\n`);
          }
          await interrupted(session.signal);
        } finally {
          for (const server of servers) server.close();
        }
        return exitCodes.interrupted;
      }),
    );

function parsePorts(text: string): Ports {
  const match = /^(?:(\d*):)?(\d+)$/.exec(text);
  const remote = Number(match?.[2]);
  const local = match?.[1] === undefined ? remote : Number(match[1]);
  if (match && remote >= 1 && remote <= 65_535 && local <= 65_535) return { local, remote };
  throw new UsageError(`ports are written as 8080:80, 80 or :80, found ${text}`);
}

/** A service's port stands for what it leads to in the pod. */
async function targetPort(session: Session, word: string, ports: Ports): Promise<Ports> {
  const [kind = "", name = ""] = word.split("/");
  if (!["svc", "service", "services"].includes(kind)) return ports;
  const client = await session.client();
  const { spec } = await client.get("Service", name, {
    namespace: session.namespace,
    signal: session.signal,
  });
  const found = spec?.ports?.find(({ port }) => port === ports.remote);
  if (!found) {
    const message = `service ${name} has no port ${ports.remote}`;
    throw new BerthError({ code: "NotFound", message });
  }
  if (typeof found.targetPort !== "string") return { ...ports, remote: found.targetPort ?? found.port };
  const pod = await client.get("Pod", await podNameOf(session, word), {
    namespace: session.namespace,
    signal: session.signal,
  });
  const named = (pod.spec?.containers ?? [])
    .flatMap(({ ports: own = [] }) => own)
    .find(({ name: own }) => own === found.targetPort);
  if (named) return { ...ports, remote: named.containerPort };
  throw new BerthError({ code: "NotFound", message: `the pod has no port named ${found.targetPort}` });
}

function serve(session: Session, client: BerthClient, pod: string, port: number): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    void carry(session, client, socket, { pod, port }).catch(async (error: unknown) => {
      socket.destroy();
      const words = error instanceof Error ? error.message : String(error);
      if (!session.signal.aborted) await session.err(`error: forwarding to port ${port}: ${words}\n`);
    });
  });
}

async function carry(
  session: Session,
  client: BerthClient,
  socket: Socket,
  { pod, port }: { readonly pod: string; readonly port: number },
): Promise<void> {
  const { namespace, signal } = session;
  const connection = await client.connectPort(pod, port, { namespace, signal });
  const sending = (async (): Promise<void> => {
    // The end of what it says is not the end of what it hears.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      if (chunk instanceof Uint8Array) await connection.write(chunk);
    }
    connection.endInput();
  })();
  sending.catch(() => connection.close());
  for await (const data of connection.output) {
    if (!socket.writable) break;
    if (!socket.write(data)) {
      await new Promise<void>((resolve) => socket.once("drain", resolve).once("close", resolve));
    }
  }
  socket.end();
  connection.close();
}

function listening(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new UsageError(`cannot listen on ${address}:${port}: ${error.message}`)),
    );
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound ? bound.port : port);
    });
  });
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
