// From the bytes of one query to the bytes of its answer: the cluster's names from memory, all others from upstream.

import type { ClusterZone } from "./cluster-zone.ts";
import type { Forwarder } from "./forwarder.ts";
import { maxMessageBytes, type Query, readQuery, readResponse, writeAnswer, writeError } from "./message.ts";
import { type Answer, internetClass, responseCodes } from "./records.ts";
import { isWritable } from "./wire.ts";

export interface Answering {
  readonly zone: ClusterZone;
  readonly forwarder: Forwarder;
}

/** Undefined for what deserves no answer. */
export async function answerTo(
  bytes: Uint8Array,
  transport: "udp" | "tcp",
  { zone, forwarder }: Answering,
): Promise<Uint8Array | undefined> {
  const incoming = readQuery(bytes);
  if (incoming.type === "noise") return undefined;
  if (incoming.type === "bad") return writeError(incoming.id, incoming.code);
  const { query } = incoming;
  const { question } = query;
  const limit = transport === "udp" ? query.udpBytes : maxMessageBytes;
  const write = (answer: Answer): Uint8Array => writeAnswer(query, answer, limit);
  if (question.class !== internetClass) return write({ code: responseCodes.refused, answers: [] });
  const found = zone.answer(question);
  if (found.type === "answer") return write(found.answer);
  if (found.type === "alias") {
    if (!isWritable(found.target)) return write({ code: responseCodes.serverFailure, answers: [] });
    return write(await behindAlias(found, query, transport, { zone, forwarder }));
  }
  const reply = await forwarder.ask(question, transport);
  if (!reply) return write({ code: responseCodes.serverFailure, answers: [] });
  if (reply.length <= limit) return withId(reply, query.id);
  // More than this client takes: it is told to come back over TCP.
  const { answers = [], code = responseCodes.serverFailure } = readResponse(reply) ?? {};
  return write({ code: code as Answer["code"], answers });
}

function withId(reply: Uint8Array, id: number): Uint8Array {
  const bytes = reply.slice();
  bytes[0] = id >> 8;
  bytes[1] = id & 0xff;
  return bytes;
}

/** Clients expect the whole chain: what the other name leads to stands behind the alias. */
async function behindAlias(
  { records, target }: Extract<ReturnType<ClusterZone["answer"]>, { readonly type: "alias" }>,
  { question }: Query,
  transport: "udp" | "tcp",
  { zone, forwarder }: Answering,
): Promise<Answer> {
  const next = { ...question, name: target };
  const inside = zone.answer(next);
  // An alias of an alias is not followed: it could lead in a circle.
  if (inside.type === "answer") return { ...inside.answer, answers: [...records, ...inside.answer.answers] };
  if (inside.type === "alias") return { code: responseCodes.noError, answers: records };
  const reply = await forwarder.ask(next, transport);
  const response = reply && readResponse(reply);
  if (!response) return { code: responseCodes.serverFailure, answers: records };
  const code = response.code === responseCodes.nameError ? responseCodes.nameError : responseCodes.noError;
  return { code, answers: [...records, ...response.answers] };
}
