// Random name suffixes as Kubernetes draws them (apimachinery util/rand): no vowels, so no words come out.

import type { Random } from "./world.ts";

const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

export function drawSuffix(random: Random, length: number): string {
  let text = "";
  for (let index = 0; index < length; index++) {
    text += suffixAlphabet.charAt(random.below(suffixAlphabet.length));
  }
  return text;
}
