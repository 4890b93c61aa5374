// Messages over TCP: each behind its length in two bytes (RFC 1035, 4.2.2).

export function frameTcp(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  framed[0] = message.length >> 8;
  framed[1] = message.length & 0xff;
  framed.set(message, 2);
  return framed;
}

/** Takes bytes as they come, and gives whole messages. Holds at most one unfinished message. */
export class TcpFrames {
  #rest: Uint8Array = new Uint8Array(0);

  take(data: Uint8Array): Uint8Array[] {
    let bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    const messages: Uint8Array[] = [];
    for (;;) {
      const length = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      if (bytes.length < 2 || bytes.length < length + 2) break;
      messages.push(bytes.subarray(2, length + 2));
      bytes = bytes.subarray(length + 2);
    }
    this.#rest = bytes;
    return messages;
  }
}
