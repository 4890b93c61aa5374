// A short name for a pod template: equal templates have equal hashes, whatever the order of their fields.

import { createHash } from "node:crypto";
import type { PodTemplateSpec } from "../../protocol/mod.ts";
import { canonical } from "./digest.ts";

/** Letters without vowels and digits that look like no letters, so that no word comes out (as Kubernetes has them). */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const hashLength = 10;

/** Ten characters of the alphabet for any text. */
export function shortHash(text: string): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, hashLength)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** Templates are immutable, and their owners are looked at often. */
const hashes = new WeakMap<PodTemplateSpec, string>();

/** Ten characters. `collisions` gives another one where a name is taken by something else. */
export function templateHash(template: PodTemplateSpec, collisions = 0): string {
  if (collisions > 0) return shortHash(`${canonical(template)}#${collisions}`);
  let hash = hashes.get(template);
  if (hash === undefined) hashes.set(template, (hash = shortHash(canonical(template))));
  return hash;
}
