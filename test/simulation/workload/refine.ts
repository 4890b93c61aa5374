// What some runs change about the pods that users want, after everything else of them is drawn: what was drawn before
// stays what it was.

import { fencingAnnotation } from "../../../protocol/mod.ts";
import type { Question } from "../cluster/health.ts";
import { isServer } from "../cluster/programs.ts";
import type { Draw } from "../engine/draw.ts";
import type { Command, Operation } from "./operation.ts";

type Container = Readonly<Record<string, unknown>>;
export type Refinement = (draw: Draw, container: Container) => Container;

/** Every container of what is applied, created and patched. */
export function refineContainers(
  draw: Draw,
  commands: readonly Command[],
  refine: Refinement,
): readonly Command[] {
  const inside = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) {
      return key === "containers"
        ? value.map((container: Container) => refine(draw, container))
        : value.map((item) => inside(item));
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inside(item, name)]));
  };
  return commands.map((command) => ({ ...command, operation: inside(command.operation) as Operation }));
}

/** Stateful sets of this name have their identities fenced by leases: for good, as users do. */
export const fenceSets = (commands: readonly Command[], name: string): readonly Command[] =>
  commands.map((command) => {
    const { operation } = command;
    if (operation.do !== "apply") return command;
    const { object } = operation;
    if (object.kind !== "StatefulSet" || object.metadata.name !== name) return command;
    const annotations = { ...object.metadata.annotations, [fencingAnnotation]: "Lease" };
    const metadata = { ...object.metadata, annotations };
    return { ...command, operation: { ...operation, object: { ...object, metadata } } };
  });

const some = { cpu: "100m", memory: "64Mi" } as const;

/** All classes of service, and pods that ask for less memory than they take, or for room on the disk. */
export const variedRequests: Refinement = (draw, container) =>
  draw.weighted<() => Container>([
    [6, () => container],
    [2, () => ({ ...container, resources: {} })],
    [2, () => ({ ...container, resources: { requests: some, limits: some } })],
    [1, () => ({ ...container, resources: { requests: { ...some, memory: "16Mi" } } })],
    [1, () => ({ ...container, resources: { requests: { ...some, "ephemeral-storage": "200Mi" } } })],
  ])();

const exec = (question: Question) => ({ exec: { command: [question] } });

/** Programs that run until they are stopped are asked how they are, each in its own way. */
export const probed: Refinement = (draw, container) => {
  const probe = (question: Question) => ({
    ...exec(question),
    periodSeconds: draw.pick([1, 2, 5]),
    ...(draw.chance(0.5) && { failureThreshold: draw.pick([1, 2, 3]) }),
    ...(draw.chance(0.3) && { initialDelaySeconds: draw.pick([1, 5, 20]) }),
  });
  const { image } = container;
  if (typeof image !== "string" || !isServer(image)) return container;
  return {
    ...container,
    ...(draw.chance(0.3) && { startupProbe: { ...probe("started"), failureThreshold: 20 } }),
    ...(draw.chance(0.7) && { livenessProbe: probe("live") }),
    ...(draw.chance(0.6) && {
      readinessProbe: { ...probe("ready"), ...(draw.chance(0.2) && { successThreshold: 2 }) },
    }),
  };
};
