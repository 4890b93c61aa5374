// Which container of a pod is meant when none is named, and the word about it, as kubectl has both.
// Source: Kubernetes, "Well-Known Labels, Annotations and Taints": kubectl.kubernetes.io/default-container.

import type { Stored } from "../client/mod.ts";
import type { Session } from "./session.ts";

const annotation = "kubectl.kubernetes.io/default-container";

/** The one that is asked for, the one that the pod prefers, or the first; says so where others could be meant. */
export async function chosenContainer(
  session: Session,
  pod: string,
  { container, quiet = false }: { readonly container?: string; readonly quiet?: boolean },
): Promise<string | undefined> {
  if (container !== undefined) return container;
  const client = await session.client();
  const { namespace, signal } = session;
  const { spec, metadata } = await client.get("Pod", pod, { namespace, signal });
  const names = namesIn(spec);
  const preferred = metadata.annotations?.[annotation];
  if (preferred !== undefined && spec?.containers.some(({ name }) => name === preferred)) return preferred;
  const first = spec?.containers[0]?.name;
  if (names.length > 1 && !quiet) {
    await session.err(`Defaulted container "${first}" out of: ${names.join(", ")}\n`);
  }
  return first;
}

function namesIn(spec: Stored<"Pod">["spec"]): readonly string[] {
  const { containers = [], ephemeralContainers = [], initContainers = [] } = spec ?? {};
  return [
    ...containers.map(({ name }) => name),
    ...ephemeralContainers.map(({ name }) => `${name} (ephem)`),
    ...initContainers.map(({ name }) => `${name} (init)`),
  ];
}
