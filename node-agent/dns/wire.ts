// The wire format of DNS messages, as much of it as a cluster's server needs: one question, and records of a few
// types. RFC 1035, 2782 (SRV), 6891 (EDNS). Bytes of strangers never throw: what can't be read is undefined.

import type { DnsQuestion, DnsRecord } from "./records.ts";

export const maxNameLength = 253;
const maxLabelLength = 63;
/** A name may point back so often: more is a trap. */
const maxJumps = 64;
/** Pointers reach this far into a message. */
const maxPointer = 0x3fff;

export class WireReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  /** Throws RangeError beyond the end: callers catch it once, around the whole message. */
  u8(): number {
    return this.#view.getUint8(this.offset++);
  }
  u16(): number {
    const value = this.#view.getUint16(this.offset);
    this.offset += 2;
    return value;
  }
  u32(): number {
    const value = this.#view.getUint32(this.offset);
    this.offset += 4;
    return value;
  }
  take(length: number): Uint8Array {
    if (this.offset + length > this.#bytes.length) throw new RangeError("the message ends too early");
    const part = this.#bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return part;
  }

  /** Without the final dot; the root is "". */
  name(): string {
    const labels: string[] = [];
    let length = 0;
    let jumps = 0;
    let after: number | undefined;
    for (;;) {
      const size = this.u8();
      if (size === 0) break;
      if ((size & 0xc0) === 0xc0) {
        const target = ((size & 0x3f) << 8) | this.u8();
        after ??= this.offset;
        if (++jumps > maxJumps) throw new RangeError("a name points in circles");
        this.offset = target;
        continue;
      }
      if (size > maxLabelLength) throw new RangeError("a label is too long");
      length += size + 1;
      if (length > maxNameLength + 1) throw new RangeError("a name is too long");
      labels.push(labelText(this.take(size)));
    }
    if (after !== undefined) this.offset = after;
    return labels.join(".");
  }
}

/** As master files write it: a dot within a label, and what is no printable character, is escaped. */
const labelText = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => {
      if (byte === 0x2e || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
      if (byte > 0x20 && byte < 0x7f) return String.fromCharCode(byte);
      return `\\${String(byte).padStart(3, "0")}`;
    })
    .join("");

function labelsOf(name: string): Uint8Array[] {
  if (name === "") return [];
  const labels: number[][] = [[]];
  for (let at = 0; at < name.length; at++) {
    const char = name[at] ?? "";
    if (char === ".") {
      labels.push([]);
      continue;
    }
    const escaped = char === "\\" ? /^\\(\d{3}|.)/.exec(name.slice(at))?.[1] : undefined;
    at += escaped?.length ?? 0;
    const code = escaped === undefined ? char.charCodeAt(0) : codeOf(escaped);
    labels.at(-1)?.push(code & 0xff);
  }
  return labels.map((label) => Uint8Array.from(label));
}
const codeOf = (escaped: string): number => (escaped.length === 3 ? Number(escaped) : escaped.charCodeAt(0));

export class WireWriter {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  readonly #names = new Map<string, number>();
  length = 0;

  #room(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + size));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
  u8(value: number): void {
    this.#room(1);
    this.#view.setUint8(this.length++, value);
  }
  u16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.length, value);
    this.length += 2;
  }
  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }
  put(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Points back to a name that was written before, where `compress` allows it. */
  name(name: string, compress: boolean): void {
    const labels = labelsOf(name);
    for (const [index, label] of labels.entries()) {
      const rest = labels
        .slice(index)
        .map((each) => `${Buffer.from(each).toString("latin1").toLowerCase()}\0`)
        .join("");
      const known = this.#names.get(rest);
      if (known !== undefined && compress) return this.u16(0xc000 | known);
      if (known === undefined && this.length <= maxPointer) this.#names.set(rest, this.length);
      this.u8(label.length);
      this.put(label);
    }
    this.u8(0);
  }

  /** A length in 16 bits, and then what `write` writes. */
  counted(write: () => void): void {
    this.u16(0);
    const start = this.length;
    write();
    this.#view.setUint16(start - 2, this.length - start);
  }

  /** Forgets what was written since; names that stood there are not pointed to again. */
  backTo(length: number): void {
    this.length = length;
    for (const [name, at] of this.#names) if (at >= length) this.#names.delete(name);
  }
  setU16(offset: number, value: number): void {
    this.#view.setUint16(offset, value);
  }
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}

export function readQuestion(reader: WireReader): DnsQuestion {
  return { name: reader.name(), type: reader.u16(), class: reader.u16() };
}

/** True when a name can be written at all. */
export const isWritable = (name: string): boolean => {
  const labels = labelsOf(name);
  const length = labels.reduce((sum, label) => sum + label.length + 1, 0);
  return (
    length <= maxNameLength + 1 && labels.every((label) => label.length > 0 && label.length <= maxLabelLength)
  );
};

export function writeRecord(
  writer: WireWriter,
  record: DnsRecord,
  types: Readonly<Record<DnsRecord["type"], number>>,
): void {
  writer.name(record.name, true);
  writer.u16(types[record.type]);
  writer.u16(1);
  writer.u32(record.ttl);
  writer.counted(() => writeData(writer, record));
}

function writeData(writer: WireWriter, record: DnsRecord): void {
  switch (record.type) {
    case "A":
      for (const part of record.address.split(".")) writer.u8(Number(part));
      return;
    case "AAAA":
      return writer.put(record.address);
    case "CNAME":
    case "PTR":
      return writer.name(record.target, true);
    case "SRV":
      writer.u16(record.priority);
      writer.u16(record.weight);
      writer.u16(record.port);
      // RFC 2782: never compressed.
      return writer.name(record.target, false);
    case "TXT": {
      const text = Buffer.from(record.text).subarray(0, 255);
      writer.u8(text.length);
      return writer.put(text);
    }
    case "SOA":
      writer.name(record.primary, true);
      writer.name(record.mailbox, true);
      for (const value of [record.serial, record.refresh, record.retry, record.expire, record.minimum])
        writer.u32(value);
      return;
  }
}
