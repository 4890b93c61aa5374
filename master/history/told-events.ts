// Which of an object's events belong into a story: those that changed what becomes of it, not every observation.

import {
  assertNever,
  type ContainerStatus,
  type EventType,
  type PodStatus,
  type Positioned,
} from "../../protocol/mod.ts";

export type Telling = "always" | "newest" | "never";

/** `newest`: only the last of them counts, for it replaces those before. */
export function telling(type: EventType): Telling {
  switch (type) {
    case "ObjectCreated":
    case "ObjectUpdated":
    case "DeletionRequested":
    case "ObjectDeleted":
    case "OwnersChanged":
    case "PodCreated":
    case "PodBound":
    case "PodFailed":
    case "PodStatusObserved":
    case "PodConditionsSet":
    case "NodeRegistered":
    case "NodeLost":
    case "NodeRecovered":
    case "NodeFenced":
    case "TaintsChanged":
      return "always";
    case "PodUnschedulable":
    case "PodNominated":
    case "TerminationReleased":
    case "EndpointsChanged":
    case "NodeSuspected":
    case "FinalizerRemoved":
      return "newest";
    case "StatusUpdated":
    case "TemplateRecorded":
    case "NodeStatusObserved":
    case "ReportsReceived":
    case "LogCreated":
    case "LogRestored":
    case "LevelRaised":
    case "ClusterConfigured":
    case "LeaderElected":
    case "LeaderStoodDown":
    case "LeasesConfirmed":
    case "CommandCompleted":
      return "never";
    default:
      return assertNever(type, "event type");
  }
}

/** A container that is in trouble or ended badly: worth telling even when better news came later. */
const isTrouble = ({ state }: ContainerStatus): boolean =>
  (state?.terminated !== undefined && state.terminated.exitCode !== 0) ||
  (state?.waiting?.reason !== undefined && !quietReasons.has(state.waiting.reason));

const quietReasons: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

export const containersOf = (status: PodStatus): readonly ContainerStatus[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

/** Takes events newest first; keeps the newest status of a pod and every one with a container in trouble. */
export function chooseTold(events: readonly Positioned[]): readonly Positioned[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    const told = telling(event.type);
    const isNewest = !seen.has(event.type);
    seen.add(event.type);
    if (event.type === "PodStatusObserved") return isNewest || containersOf(event.status).some(isTrouble);
    return told === "always" || (told === "newest" && isNewest);
  });
}
