// Any message of Berth as text: a commit event by event, everything else as JSON.

import {
  type BerthEvent,
  type Commit,
  decode,
  decodeJson,
  describeEvent,
  type Result,
} from "../protocol/mod.ts";

/** Bytes of a body as `nats --translate` pipes them; an empty one gives an empty text. */
export function decodedText(data: Uint8Array): Result<string> {
  if (data.every((byte) => byte <= 0x20)) return { ok: true, value: "" };
  const first = data.find((byte) => byte > 0x20);
  const looksLikeText = first === 0x7b || first === 0x5b || first === 0x22;
  const value = looksLikeText ? decodeJson(data) : decode(data);
  if (!value.ok) return value;
  return {
    ok: true,
    value: isCommit(value.value)
      ? commitText(value.value)
      : `${JSON.stringify(readable(value.value), null, 2)}\n`,
  };
}

function commitText({ epoch, previous, firstPosition, events }: Commit): string {
  const last = firstPosition + events.length - 1;
  const head = `commit of epoch ${epoch} after message ${previous}, positions ${firstPosition} to ${last}`;
  const lines = events.flatMap((event, index) => eventLines(event, firstPosition + index));
  return `${[head, ...lines].join("\n")}\n`;
}

function eventLines(event: BerthEvent, position: number): readonly string[] {
  const { type, version, at, by, cause, ...rest } = event;
  const when = new Date(at).toISOString();
  const why =
    cause === undefined ? "" : ` (because of ${typeof cause === "number" ? `position ${cause}` : cause})`;
  const fields = JSON.stringify(readable(rest));
  return [
    `  ${position} ${when} ${type} v${version} by ${by}${why}`,
    `    ${describeEvent(event)}`,
    ...(fields === "{}" ? [] : [`    ${fields}`]),
  ];
}

/** Bytes become texts; the codec has bounded the depth. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesShown(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}

/** Readable bytes as text, others in base64. */
function bytesShown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  return text.includes("\uFFFD") ? `base64:${Buffer.from(bytes).toString("base64")}` : text;
}

function isCommit(value: unknown): value is Commit {
  if (typeof value !== "object" || value === null) return false;
  if (!("epoch" in value && "previous" in value && "firstPosition" in value && "events" in value))
    return false;
  const { events } = value;
  return (
    typeof value.firstPosition === "number" &&
    Array.isArray(events) &&
    events.every(
      (event: unknown) => typeof event === "object" && event !== null && "type" in event && "at" in event,
    )
  );
}
