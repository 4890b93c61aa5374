// Whole messages: a query that came in, the answer that goes out, and what an upstream server said.

import {
  type Answer,
  type DnsQuestion,
  type DnsRecord,
  internetClass,
  optType,
  recordTypes,
  responseCodes,
  type ResponseCode,
} from "./records.ts";
import { readQuestion, WireReader, WireWriter, writeRecord } from "./wire.ts";

export const headerLength = 12;
/** What a client without EDNS takes over UDP. */
const plainUdpBytes = 512;
/** As resolvers agreed (DNS flag day 2020): more would be cut into fragments. */
const mostUdpBytes = 1232;
export const maxMessageBytes = 65_535;

const flags = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursion: 0x0100,
  available: 0x0080,
};

export interface Query {
  readonly id: number;
  readonly flags: number;
  readonly question: DnsQuestion;
  /** It speaks EDNS: so must the answer. */
  readonly edns: boolean;
  /** What the client takes over UDP. */
  readonly udpBytes: number;
}

export type Incoming =
  | { readonly type: "query"; readonly query: Query }
  /** Answered with this error. */
  | { readonly type: "bad"; readonly id: number; readonly code: ResponseCode }
  /** Not worth an answer: no header, or itself an answer. */
  | { readonly type: "noise" };

export function readQuery(bytes: Uint8Array): Incoming {
  if (bytes.length < headerLength) return { type: "noise" };
  const reader = new WireReader(bytes);
  const id = reader.u16();
  const word = reader.u16();
  if (word & flags.response) return { type: "noise" };
  if ((word >> 11) & 0xf) return { type: "bad", id, code: responseCodes.notImplemented };
  const [questions = 0, answers = 0, authority = 0, additional = 0] = [0, 0, 0, 0].map(() => reader.u16());
  if (questions !== 1 || answers > 0 || authority > 0)
    return { type: "bad", id, code: responseCodes.formatError };
  try {
    const question = readQuestion(reader);
    const edns = additional > 0 ? readEdns(reader) : undefined;
    const udpBytes = Math.min(mostUdpBytes, Math.max(plainUdpBytes, edns ?? plainUdpBytes));
    return { type: "query", query: { id, flags: word, question, edns: edns !== undefined, udpBytes } };
  } catch {
    return { type: "bad", id, code: responseCodes.formatError };
  }
}

/** The size that an OPT record names. */
function readEdns(reader: WireReader): number | undefined {
  if (reader.name() !== "" || reader.u16() !== optType) return undefined;
  return reader.u16();
}

/** An answer that is longer than `limit` says so (TC) and holds as many records as fit. */
export function writeAnswer(query: Query, answer: Answer, limit: number): Uint8Array {
  const writer = new WireWriter();
  const { id, question, edns } = query;
  const recursion = query.flags & flags.recursion;
  const word = flags.response | flags.authoritative | flags.available | recursion | answer.code;
  for (const value of [id, word, 1, 0, 0, 0]) writer.u16(value);
  writer.name(question.name, true);
  writer.u16(question.type);
  writer.u16(question.class);
  const room = limit - (edns ? optLength : 0);
  const sections = [answer.answers, answer.authority ?? [], answer.additional ?? []];
  const counts = [0, 0, 0];
  let truncated = false;
  for (const [index, section] of sections.entries()) {
    for (const record of section) {
      const start = writer.length;
      if (!truncated) writeRecord(writer, record, recordTypes);
      if (truncated || writer.length > room) {
        writer.backTo(start);
        // What is only helpful may be missing.
        truncated ||= index < 2;
        break;
      }
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  if (edns) writeOpt(writer);
  writer.setU16(2, truncated ? word | flags.truncated : word);
  const [answers = 0, authority = 0, additional = 0] = counts;
  writer.setU16(6, answers);
  writer.setU16(8, authority);
  writer.setU16(10, additional + (edns ? 1 : 0));
  return writer.bytes();
}

const optLength = 11;
function writeOpt(writer: WireWriter): void {
  writer.u8(0);
  writer.u16(optType);
  writer.u16(mostUdpBytes);
  writer.u32(0);
  writer.u16(0);
}

/** A header alone: something is wrong with the question itself. */
export function writeError(id: number, code: ResponseCode): Uint8Array {
  const writer = new WireWriter();
  for (const value of [id, flags.response | code, 0, 0, 0, 0]) writer.u16(value);
  return writer.bytes();
}

export function writeQuery(id: number, question: DnsQuestion): Uint8Array {
  const writer = new WireWriter();
  for (const value of [id, flags.recursion, 1, 0, 0, 1]) writer.u16(value);
  writer.name(question.name, true);
  writer.u16(question.type);
  writer.u16(question.class);
  writeOpt(writer);
  return writer.bytes();
}

export interface Response {
  readonly id: number;
  readonly code: number;
  readonly truncated: boolean;
  readonly question: DnsQuestion | undefined;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** Records of types that are not known here are left out. */
export function readResponse(bytes: Uint8Array): Response | undefined {
  try {
    const reader = new WireReader(bytes);
    const id = reader.u16();
    const word = reader.u16();
    if (!(word & flags.response)) return undefined;
    const [questions = 0, ...counts] = [0, 0, 0, 0].map(() => reader.u16());
    if (questions > 1) return undefined;
    const question = questions === 1 ? readQuestion(reader) : undefined;
    const [answers = [], authority = [], additional = []] = counts.map((count) => readRecords(reader, count));
    const truncated = (word & flags.truncated) !== 0;
    return { id, code: word & 0xf, truncated, question, answers, authority, additional };
  } catch {
    return undefined;
  }
}

function readRecords(reader: WireReader, count: number): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (let index = 0; index < count; index++) {
    const name = reader.name();
    const type = reader.u16();
    const isInternet = reader.u16() === internetClass;
    const ttl = reader.u32();
    const length = reader.u16();
    const end = reader.offset + length;
    const record = isInternet ? readData(reader, { name, type, ttl, length }) : undefined;
    if (record) records.push(record);
    reader.offset = end;
  }
  return records;
}

function readData(
  reader: WireReader,
  {
    name,
    type,
    ttl,
    length,
  }: { readonly name: string; readonly type: number; readonly ttl: number; readonly length: number },
): DnsRecord | undefined {
  const about = { name, ttl };
  switch (type) {
    case recordTypes.A:
      return { ...about, type: "A", address: [...reader.take(4)].join(".") };
    case recordTypes.AAAA:
      return { ...about, type: "AAAA", address: reader.take(16).slice() };
    case recordTypes.CNAME:
      return { ...about, type: "CNAME", target: reader.name() };
    case recordTypes.PTR:
      return { ...about, type: "PTR", target: reader.name() };
    case recordTypes.SRV: {
      const [priority, weight, port] = [reader.u16(), reader.u16(), reader.u16()] as const;
      return { ...about, type: "SRV", priority, weight, port, target: reader.name() };
    }
    case recordTypes.TXT:
      return { ...about, type: "TXT", text: Buffer.from(reader.take(length).subarray(1)).toString() };
    case recordTypes.SOA: {
      const [primary, mailbox] = [reader.name(), reader.name()] as const;
      const [serial, refresh, retry, expire, minimum] = [0, 0, 0, 0, 0].map(() => reader.u32());
      if (serial === undefined || refresh === undefined || retry === undefined) return undefined;
      if (expire === undefined || minimum === undefined) return undefined;
      return { ...about, type: "SOA", primary, mailbox, serial, refresh, retry, expire, minimum };
    }
    default:
      return undefined;
  }
}
