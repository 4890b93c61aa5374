// Values of secrets never travel in clear: what is sent is sealed to the masters' key, what is read comes sealed to
// this client's. To whoever uses the client nothing of this shows.

import { createHash } from "node:crypto";
import type { Ids } from "../actors/mod.ts";
import {
  answerBoxContext,
  type ApiObject,
  type BoxKeys,
  BerthError,
  boxedText,
  boxKeys,
  boxOf,
  isBase64,
  openBox,
  requestBoxContext,
  sealBox,
  unwrap,
  withoutManifestCopy,
} from "../protocol/mod.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Three ids hold more chance than a key has bits. */
const drawSeed = (ids: Ids): Uint8Array =>
  createHash("sha256").update(`${ids.uuid()}${ids.uuid()}${ids.uuid()}`).digest();

export class SecretValues {
  readonly #ids: Ids;
  readonly #user: string;
  #keys: BoxKeys | undefined;

  constructor(user: string, ids: Ids) {
    this.#user = user;
    this.#ids = ids;
  }

  /** What answers are to be sealed to. */
  get publicKey(): string {
    this.#keys ??= boxKeys(drawSeed(this.#ids));
    return this.#keys.publicKey;
  }

  /**
   * The manifest or patch with its values sealed to the masters' key; `stringData` has gone into `data`.
   * Throws Invalid for what is no base64, naming the key and never the value: it would be sent in clear.
   */
  sealed<T extends Fields>(fields: T, to: string): T {
    const data: Record<string, unknown> = {};
    for (const [key, value] of entriesOf(fields["data"])) {
      if (value === null) data[key] = null;
      else if (typeof value === "string" && isBase64(value)) {
        data[key] = this.#box(Buffer.from(value, "base64"), to);
      } else {
        const message = "must be base64 (stringData takes plain text)";
        throw new BerthError({
          code: "Invalid",
          message: `the secret is invalid: data[${key}] ${message}`,
          causes: [{ field: `data[${key}]`, reason: "Invalid", message }],
        });
      }
    }
    for (const [key, value] of entriesOf(fields["stringData"])) {
      data[key] = value === null ? null : this.#box(Buffer.from(String(value)), to);
    }
    const { stringData: _strings, ...rest } = fields;
    const { metadata } = fields;
    const bare = typeof metadata === "object" &&
      metadata !== null && { metadata: withoutManifestCopy(metadata) };
    return { ...rest, ...bare, data } as Fields as T;
  }

  #box(clear: Uint8Array, to: string): string {
    const context = requestBoxContext(this.#user);
    return boxedText(unwrap(sealBox(clear, { to, seed: drawSeed(this.#ids), context })));
  }

  /** The object as it was before the master sealed it. Other kinds come back as they are. */
  opened(object: ApiObject): ApiObject {
    const keys = this.#keys;
    if (object.kind !== "Secret" || !keys) return object;
    const values = entriesOf(object["data"]).map(([key, text]) => {
      const box = typeof text === "string" ? boxOf(text) : undefined;
      if (!box) return [key, text];
      const clear = unwrap(openBox(box, keys, answerBoxContext(object.metadata.uid ?? "", key)));
      return [key, Buffer.from(clear).toString("base64")];
    });
    return object["data"] === undefined ? object : { ...object, data: Object.fromEntries(values) };
  }
}

/** Anything that is no map is the master's to refuse. */
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

export const hasValues = (fields: Fields): boolean =>
  entriesOf(fields["data"]).length + entriesOf(fields["stringData"]).length > 0;
