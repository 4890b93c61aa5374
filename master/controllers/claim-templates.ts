// Names of the claims that a stateful set's templates make for each of its pods.

import type { PodMember } from "../../protocol/mod.ts";
import type { StatefulSetSpec } from "../cluster/mod.ts";

/** `<template>-<set>-<ordinal>`. */
export const statefulClaimName = (template: string, pod: string): string => `${template}-${pod}`;

export const claimTemplateNames = ({ volumeClaimTemplates = [] }: StatefulSetSpec): readonly string[] =>
  volumeClaimTemplates.flatMap(({ metadata }) => metadata?.name || []);

/** By the volumes of the template; nothing for a set without claim templates. */
export function memberClaims(spec: StatefulSetSpec, pod: string): Pick<PodMember, "claims"> {
  const names = claimTemplateNames(spec);
  if (names.length === 0) return {};
  return { claims: Object.fromEntries(names.map((name) => [name, statefulClaimName(name, pod)])) };
}
