// The sockets of the cluster's DNS server: UDP and TCP on one address and port.

import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import type { Clock, Logger } from "../../actors/mod.ts";
import { type Answering, answerTo } from "./answering.ts";
import { frameTcp, TcpFrames } from "./tcp-frames.ts";

/** Connections at the same time; more are closed at once. */
const maxConnections = 128;
/** A connection that asks nothing for so long is closed. */
const idleMs = 10_000;
/** Questions of one connection that are being answered; what comes beyond waits in its socket. */
const maxPipelined = 16;

export interface ListenOptions {
  readonly address: string;
  /** 0 lets the system choose, the same for both. */
  readonly port: number;
  readonly answering: Answering;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface DnsListener {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects when the address or port can't be had. */
export async function listenDns(options: ListenOptions): Promise<DnsListener> {
  const udp = await listenUdp(options, options.port);
  try {
    const tcp = await listenTcp(options, udp.port);
    return {
      address: options.address,
      port: udp.port,
      close: async () => {
        await Promise.all([udp.close(), tcp.close()]);
      },
    };
  } catch (error) {
    await udp.close();
    throw error;
  }
}

interface Open {
  readonly port: number;
  close(): Promise<void>;
}

function listenUdp({ address, answering, logger }: ListenOptions, port: number): Promise<Open> {
  const socket = createSocket("udp4");
  let closed = false;
  socket.on("message", (data, client) => {
    answerTo(data, "udp", answering).then(
      (answer) => {
        if (answer && !closed) socket.send(answer, client.port, client.address, () => undefined);
      },
      (error: unknown) => logger.error({ error: String(error) }, "a DNS query could not be answered"),
    );
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, () => {
      socket.off("error", reject);
      socket.on("error", (error) => logger.warn({ error: error.message }, "the DNS socket has trouble"));
      resolve({
        port: socket.address().port,
        close: () => {
          closed = true;
          return new Promise((done) => socket.close(() => done()));
        },
      });
    });
  });
}

function listenTcp({ address, answering, clock, logger }: ListenOptions, port: number): Promise<Open> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, { answering, clock, logger });
  });
  server.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      server.on("error", (error) => logger.warn({ error: error.message }, "the DNS server has trouble"));
      resolve({
        port,
        close: () => {
          for (const socket of connections) socket.destroy();
          return new Promise((done) => server.close(() => done()));
        },
      });
    });
  });
}

function serve(
  socket: Socket,
  { answering, clock, logger }: Pick<ListenOptions, "answering" | "clock" | "logger">,
): void {
  const frames = new TcpFrames();
  let open = 0;
  const whenIdle = (): (() => void) => clock.after(idleMs, () => socket.destroy());
  let idle = whenIdle();
  socket.on("close", () => idle());
  socket.on("data", (data) => {
    idle();
    idle = whenIdle();
    for (const message of frames.take(data)) {
      open += 1;
      if (open >= maxPipelined) socket.pause();
      answerTo(message, "tcp", answering)
        .then(
          (answer) => void (answer && socket.writable && socket.write(frameTcp(answer))),
          (error: unknown) => logger.error({ error: String(error) }, "a DNS query could not be answered"),
        )
        .finally(() => {
          open -= 1;
          if (open < maxPipelined) socket.resume();
        });
    }
  });
}
