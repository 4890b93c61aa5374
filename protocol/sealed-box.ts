// Seals bytes to the holder of an X25519 key: an ephemeral key agreement, HKDF-SHA256, AES-256-GCM (the shape of
// HPKE's base mode, RFC 9180, with WebCrypto's primitives). Pure: chance comes in as a seed.

import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { failure, type Result, success } from "./errors.ts";

/** Raw keys, base64url without padding. */
export interface BoxKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export const boxSeedBytes = 32;
const keyBytes = 32;
const tagBytes = 16;
/** Each key seals one box only, so its nonce may be fixed. */
const nonce = Buffer.alloc(12);
const purpose = "berth sealed box v1";
/** DER of a raw X25519 key without its 32 bytes (RFC 8410). */
const privatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex");
const publicPrefix = Buffer.from("302a300506032b656e032100", "hex");

/** `seed`: 32 bytes that nobody can guess. */
export function boxKeys(seed: Uint8Array): BoxKeys {
  const key = privateFrom(seed);
  return {
    publicKey: rawPublic(createPublicKey(key)).toString("base64url"),
    privateKey: Buffer.from(seed).toString("base64url"),
  };
}

export interface SealOptions {
  /** The receiver's public key. */
  readonly to: string;
  /** Drawn anew for every box. */
  readonly seed: Uint8Array;
  /** What the box is about; it opens only under the same words. */
  readonly context: string;
}

/** Invalid when `to` is no key. The box is the ephemeral key, the ciphertext and the tag. */
export function sealBox(clear: Uint8Array, { to, seed, context }: SealOptions): Result<Uint8Array> {
  const receiver = publicFrom(to);
  if (!receiver) return failure("Invalid", "the receiver's key is no X25519 key of 32 bytes in base64url");
  const own = privateFrom(seed);
  const ownPublic = rawPublic(createPublicKey(own));
  const key = derive(diffieHellman({ privateKey: own, publicKey: receiver }), ownPublic, rawPublic(receiver));
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(clear), cipher.final()]);
  return success(new Uint8Array(Buffer.concat([ownPublic, sealed, cipher.getAuthTag()])));
}

/** Invalid when the box was not sealed to this key under these words, or was changed since. */
export function openBox(box: Uint8Array, keys: BoxKeys, context: string): Result<Uint8Array> {
  const wrong = failure("Invalid", "a sealed box does not open with this key");
  if (box.length < keyBytes + tagBytes) return wrong;
  const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength);
  const [sender, receiver] = [bytes.subarray(0, keyBytes).toString("base64url"), publicFrom(keys.publicKey)];
  const publicKey = publicFrom(sender);
  if (!publicKey || !receiver) return wrong;
  try {
    const own = privateFrom(Buffer.from(keys.privateKey, "base64url"));
    const key = derive(
      diffieHellman({ privateKey: own, publicKey }),
      rawPublic(publicKey),
      rawPublic(receiver),
    );
    const decipher = createDecipheriv("aes-256-gcm", key, nonce)
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-tagBytes));
    const clear = [decipher.update(bytes.subarray(keyBytes, -tagBytes)), decipher.final()];
    return success(new Uint8Array(Buffer.concat(clear)));
  } catch {
    return wrong;
  }
}

/** Both public keys take part, so that a box for one receiver is none for another. */
function derive(shared: Buffer, sender: Buffer, receiver: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", shared, Buffer.concat([sender, receiver]), purpose, keyBytes));
}

function privateFrom(seed: Uint8Array): KeyObject {
  if (seed.length !== boxSeedBytes)
    throw new Error(`a key's seed has ${boxSeedBytes} bytes, found ${seed.length}`);
  return createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
}

function publicFrom(text: string): KeyObject | undefined {
  const raw = Buffer.from(text, "base64url");
  if (raw.length !== keyBytes) return undefined;
  return createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: "der", type: "spki" });
}

const rawPublic = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "spki" }).subarray(publicPrefix.length);
