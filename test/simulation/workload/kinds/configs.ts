// Config maps and secrets: two values that belong together, new ones with every change.

import type { Draw } from "../../engine/draw.ts";
import { configNames } from "../pods.ts";
import { metadataOf, type Place, type SimulatedKind } from "./kind.ts";

export const halves = ["FIRST", "SECOND"] as const;
/** Every secret value begins so: it must be seen nowhere in clear. */
export const secretMark = "hush-hush-";

/** Both halves hold the same word, drawn anew: a mixture of two versions shows. */
function drawHalves(draw: Draw, mark: string): object {
  const word = `${mark}${draw.below(2 ** 31)}`;
  return Object.fromEntries(halves.map((key) => [key, word]));
}

const manifest = (kind: "ConfigMap" | "Secret", draw: Draw, place: Place) => ({
  apiVersion: "v1",
  kind,
  metadata: metadataOf(place),
  ...(kind === "Secret"
    ? { type: "Opaque", stringData: drawHalves(draw, secretMark) }
    : { data: drawHalves(draw, "plain-") }),
  ...(draw.chance(0.05) && { immutable: true }),
});

const config = (kind: "ConfigMap" | "Secret"): SimulatedKind => ({
  kind,
  weight: kind === "ConfigMap" ? 2 : 1.5,
  names: configNames,
  manifest: (draw, place) => manifest(kind, draw, place),
  owes: () => [],
});

export const secret = config("Secret");
export const configs = [config("ConfigMap"), secret] as const;
