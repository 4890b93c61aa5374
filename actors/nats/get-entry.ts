// One stored entry by direct get (JetStream ADR-31): any replica answers, so it may lag.

import type { Msg } from "nats";

import { BusError } from "../bus.ts";
import { LogError, type LogEntry } from "../log.ts";
import type { NatsBus } from "./bus.ts";
import { decodeHeaders } from "./headers.ts";

const timeoutMs = 5_000;
const notFound = 404;
/** Headers that the answer adds to the entry's own. */
const added = ["Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "Nats-Num-Pending"];

export async function getEntry(
  bus: NatsBus,
  stream: string,
  sequence: number,
): Promise<LogEntry | undefined> {
  const query = Buffer.from(JSON.stringify({ seq: sequence }));
  const message = await bus
    .requestRaw(`$JS.API.DIRECT.GET.${stream}`, query, { timeoutMs })
    .catch((error) => {
      if (!(error instanceof BusError) || error.code !== "NoResponders") throw error;
      throw new LogError("StreamMissing", `nobody answers for stream ${stream}`, { cause: error });
    });
  const code = message.headers?.code ?? 0;
  if (code === notFound) return undefined;
  if (code >= 300) {
    throw new Error(`reading entry ${sequence} of ${stream}: ${message.headers?.status ?? code}`);
  }
  return readEntry(message, sequence);
}

function readEntry(message: Msg, sequence: number): LogEntry {
  const headers: Record<string, string> = { ...decodeHeaders(message) };
  const storedAt = Date.parse(headers["Nats-Time-Stamp"] ?? "");
  for (const name of added) delete headers[name];
  return { sequence, storedAt, data: message.data, headers };
}
