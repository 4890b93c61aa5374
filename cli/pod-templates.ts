// Where a workload's containers stand in it, and how to change their images wherever they stand.

import type { Stored } from "../client/mod.ts";
import type { Container, KindName, PodSpec } from "../protocol/mod.ts";

/** The pod spec that a kind carries, with the path to it; undefined for kinds that run no pods. */
export function podSpecIn(
  object: Stored<KindName>,
): { readonly path: readonly string[]; readonly spec: PodSpec } | undefined {
  const found = (path: readonly string[], spec: PodSpec | undefined) => (spec ? { path, spec } : undefined);
  const template = ["spec", "template", "spec"];
  switch (object.kind) {
    case "Pod":
      return found(["spec"], (object as Stored<"Pod">).spec);
    case "Deployment":
    case "ReplicaSet":
    case "DaemonSet":
    case "StatefulSet":
    case "ReplicationController":
    case "Job": {
      const { spec } = object as Stored<"Deployment" | "ReplicaSet" | "ReplicationController">;
      return found(template, spec?.template?.spec);
    }
    case "CronJob":
      return found(
        ["spec", "jobTemplate", ...template],
        (object as Stored<"CronJob">).spec?.jobTemplate.spec?.template.spec,
      );
    default:
      return undefined;
  }
}

/** `{a: {b: value}}` for the path a.b. */
export const nested = (path: readonly string[], value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(path.reduceRight<object>((inner, key) => ({ [key]: inner }), value)));

export interface ImageChange {
  /** Lists of containers as they will be; lists that stay are left out. */
  readonly lists: Readonly<Record<string, readonly Container[]>>;
  /** Names that no container has. */
  readonly unknown: readonly string[];
}

/** `*` stands for every container; init containers have names too. */
export function withImages(spec: PodSpec, images: ReadonlyMap<string, string>): ImageChange {
  const imageOf = (name: string): string | undefined => images.get(name) ?? images.get("*");
  const lists: Record<string, readonly Container[]> = {};
  const names = new Set<string>();
  for (const field of ["containers", "initContainers"] as const) {
    const containers = spec[field] ?? [];
    for (const { name } of containers) names.add(name);
    const isNew = ({ name, image }: Container): boolean => (imageOf(name) ?? image) !== image;
    if (!containers.some(isNew)) continue;
    lists[field] = containers.map((container) => ({
      ...container,
      image: imageOf(container.name) ?? container.image ?? "",
    }));
  }
  return { lists, unknown: [...images.keys()].filter((name) => name !== "*" && !names.has(name)) };
}
