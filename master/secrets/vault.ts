// Seals the values of secrets with the cluster's key, for the log, and opens them for those who may read them.
// Deterministic: the nonce is a keyed hash of what is sealed and where, so equal values at one place are equal texts
// (that is how sameness is noticed), and decide draws no chance.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import {
  type BoxKeys,
  boxKeys,
  boxSeedBytes,
  failure,
  openBox,
  type Result,
  success,
  type Uid,
} from "../../protocol/mod.ts";

/** Where a value stands: part of what is authenticated, so that no value can be moved to another place. */
export interface SealedPlace {
  readonly uid: Uid;
  readonly field: string;
}

export interface Vault {
  seal(place: SealedPlace, clear: Uint8Array): string;
  /** Unavailable when the text was sealed with a key that is not here; Internal when it was changed or moved. */
  open(place: SealedPlace, sealed: string): Result<Uint8Array>;
  /** What clients seal values to on their way here. */
  readonly publicKey: string;
  /** Opens what was sealed to the public key of any of the keys. */
  openBox(box: Uint8Array, context: string): Result<Uint8Array>;
}

const secretKeyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const prefix = "sealed:1:";

interface Key {
  readonly id: string;
  readonly encryption: Uint8Array;
  readonly hash: Uint8Array;
  /** For values on their way from clients. */
  readonly requests: () => BoxKeys;
}

/**
 * Keys in base64, each of 32 bytes: the first one seals, all of them open. So a key is replaced by putting a new one
 * before it, and taken away when nothing is sealed with it any more.
 */
export function createVault(keys: readonly string[]): Result<Vault> {
  const parsed: Key[] = [];
  for (const [index, text] of keys.entries()) {
    const bytes = Buffer.from(text, "base64");
    if (bytes.length !== secretKeyBytes) {
      return failure(
        "Invalid",
        `secret key ${index + 1} has ${bytes.length} bytes; a key is ${secretKeyBytes} random bytes in base64 (make one with: openssl rand -base64 ${secretKeyBytes})`,
      );
    }
    parsed.push(deriveKey(bytes));
  }
  const [first] = parsed;
  if (!first) return failure("Invalid", "no secret key is given; the first line of the file must hold one");
  return success({
    seal: (place, clear) => seal(first, place, clear),
    open: (place, sealed) => open(parsed, place, sealed),
    get publicKey() {
      return first.requests().publicKey;
    },
    openBox(box, context) {
      let clear = openBox(box, first.requests(), context);
      for (const { requests } of parsed) if (!clear.ok) clear = openBox(box, requests(), context);
      return clear;
    },
  });
}

function deriveKey(secret: Buffer): Key {
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync("sha256", secret, "berth secrets v1", purpose, bytes));
  let requests: BoxKeys | undefined;
  return {
    id: derive("key id", 6).toString("hex"),
    encryption: derive("encryption", secretKeyBytes),
    hash: derive("nonce", secretKeyBytes),
    // Made when they are needed: a public key costs more than all else here, and few masters are ever asked.
    requests: () => (requests ??= boxKeys(derive("requests", boxSeedBytes))),
  };
}

/** Unambiguous: no two places with two key ids give the same words. */
const wordsOf = (id: string, { uid, field }: SealedPlace): string => JSON.stringify([id, uid, field]);

function seal(key: Key, place: SealedPlace, clear: Uint8Array): string {
  const words = wordsOf(key.id, place);
  const nonce = createHmac("sha256", key.hash).update(words).update("\0").update(clear).digest();
  const cipher = createCipheriv("aes-256-gcm", key.encryption, nonce.subarray(0, nonceBytes));
  cipher.setAAD(Buffer.from(words));
  const parts = [nonce.subarray(0, nonceBytes), cipher.update(clear), cipher.final()];
  return `${prefix}${key.id}:${Buffer.concat([...parts, cipher.getAuthTag()]).toString("base64url")}`;
}

function open(keys: readonly Key[], place: SealedPlace, sealed: string): Result<Uint8Array> {
  const [id = "", body = ""] = sealed.startsWith(prefix) ? sealed.slice(prefix.length).split(":") : [];
  const key = keys.find((each) => each.id === id);
  if (!key) {
    return failure(
      "Unavailable",
      `${place.field} is sealed with key ${id || "?"}, which this master does not have: add it to its secret key file`,
    );
  }
  const bytes = Buffer.from(body, "base64url");
  const broken = failure("Internal", `${place.field} does not open: its sealed text was changed or moved`);
  if (bytes.length < nonceBytes + tagBytes) return broken;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.encryption, bytes.subarray(0, nonceBytes));
    decipher.setAAD(Buffer.from(wordsOf(id, place))).setAuthTag(bytes.subarray(-tagBytes));
    const clear = [decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()];
    return success(new Uint8Array(Buffer.concat(clear)));
  } catch {
    return broken;
  }
}
