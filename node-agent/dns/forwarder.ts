// Hands questions that are not the cluster's to the servers of the host: one after the other, within a time, and a
// bounded number at once. Each goes out from a port and with an id of its own, so that answers are hard to forge.

import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import type { Clock, Random } from "../../actors/mod.ts";
import { readResponse, type Response, writeQuery } from "./message.ts";
import type { DnsQuestion } from "./records.ts";
import { frameTcp, TcpFrames } from "./tcp-frames.ts";

/** Questions on their way at the same time; more are told SERVFAIL at once. */
export const maxForwarded = 256;
const tryMs = 2000;
/** Servers that are tried for one question. */
const maxTries = 3;

/** `address` and port of a server. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
}

export interface Forwarder {
  /** The server's own words, with its own id. Undefined when none answered, or too many are being asked. */
  ask(question: DnsQuestion, transport: "udp" | "tcp"): Promise<Uint8Array | undefined>;
  close(): void;
}

export interface ForwarderOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** As they are now. */
  upstreams(): Promise<readonly Upstream[]>;
}

export function createForwarder({ clock, random, upstreams }: ForwarderOptions): Forwarder {
  const open = new Set<() => void>();
  let asked = 0;

  async function ask(question: DnsQuestion, transport: "udp" | "tcp"): Promise<Uint8Array | undefined> {
    if (asked >= maxForwarded) return undefined;
    asked += 1;
    try {
      for (const upstream of (await upstreams()).slice(0, maxTries)) {
        const answer = await askOne(question, upstream, transport);
        if (answer) return answer;
      }
      return undefined;
    } finally {
      asked -= 1;
    }
  }

  function askOne(
    question: DnsQuestion,
    upstream: Upstream,
    transport: "udp" | "tcp",
  ): Promise<Uint8Array | undefined> {
    const id = random.below(0x10000);
    const query = writeQuery(id, question);
    return new Promise((resolve) => {
      const end = (answer: Uint8Array | undefined): void => {
        cancel();
        open.delete(stop);
        release();
        resolve(answer);
      };
      const stop = (): void => end(undefined);
      const heard = (bytes: Uint8Array): void => {
        if (isAnswer(readResponse(bytes), id, question)) end(bytes);
      };
      const cancel = clock.after(tryMs, stop);
      open.add(stop);
      const release =
        transport === "udp"
          ? overUdp(query, upstream, { heard, stop })
          : overTcp(query, upstream, { heard, stop });
    });
  }

  return {
    ask,
    close: () => {
      for (const stop of open) stop();
    },
  };
}

const isAnswer = (response: Response | undefined, id: number, { name, type }: DnsQuestion): boolean =>
  response?.id === id &&
  response.question?.type === type &&
  response.question.name.toLowerCase() === name.toLowerCase();

interface Listening {
  heard(bytes: Uint8Array): void;
  stop(): void;
}

function overUdp(query: Uint8Array, { address, port }: Upstream, { heard, stop }: Listening): () => void {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.on("message", (data) => heard(data));
  socket.on("error", () => stop());
  // Connected: only this server's datagrams come in, and its refusal is an error at once.
  socket.connect(port, address, () => socket.send(query));
  let closed = false;
  return () => {
    if (closed) return;
    closed = true;
    socket.removeAllListeners("error").on("error", () => undefined);
    socket.close();
  };
}

function overTcp(query: Uint8Array, { address, port }: Upstream, { heard, stop }: Listening): () => void {
  const socket = connect({ host: address, port });
  const frames = new TcpFrames();
  socket.on("connect", () => socket.write(frameTcp(query)));
  socket.on("data", (data) => {
    for (const message of frames.take(data)) heard(message);
  });
  socket.on("error", () => stop());
  socket.on("close", () => stop());
  return () => socket.destroy();
}
