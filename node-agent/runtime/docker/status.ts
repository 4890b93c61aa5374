// Reads the engine's answers about containers into the runtime's words. Pure.

import type { ContainerInfo, ContainerInspectInfo } from "dockerode";
import type { ContainerId, ContainerStatusInfo, SandboxId, SandboxState } from "../runtime.ts";
import type { SandboxPlace } from "./create-options.ts";
import { attemptOf, labelNames, podOf } from "./labels.ts";

/** Engine times: RFC 3339 with nanoseconds; the year 1 means "never". */
function timeOf(text: string | undefined): number | undefined {
  if (!text || text.startsWith("0001-")) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

export function stateOf(word: string): ContainerStatusInfo["state"] {
  switch (word) {
    case "created":
      return "created";
    case "running":
    case "paused":
    case "restarting":
      return "running";
    case "exited":
    case "dead":
    case "removing":
      return "exited";
    default:
      return "unknown";
  }
}

export function containerStatus(info: ContainerInspectInfo): ContainerStatusInfo {
  const labels = info.Config.Labels;
  const state = stateOf(info.State.Status);
  const startedAt = timeOf(info.State.StartedAt);
  const finishedAt = timeOf(info.State.FinishedAt);
  return {
    id: info.Id as ContainerId,
    sandbox: (labels[labelNames.sandbox] ?? "") as SandboxId,
    pod: podOf(labels).uid,
    name: labels[labelNames.container] ?? "",
    attempt: attemptOf(labels),
    image: info.Config.Image,
    imageId: info.Image,
    state,
    createdAt: timeOf(info.Created) ?? 0,
    ...(startedAt === undefined || state === "created" ? {} : { startedAt }),
    ...(state === "exited" ? exitOf(info, finishedAt) : {}),
    ...(info.State.Error ? { message: info.State.Error } : {}),
  };
}

function exitOf(
  { State: state }: ContainerInspectInfo,
  finishedAt: number | undefined,
): Pick<ContainerStatusInfo, "exitCode" | "reason" | "finishedAt"> {
  const reason =
    state.OOMKilled && state.ExitCode !== 0 ? "OOMKilled" : state.ExitCode === 0 ? "Completed" : "Error";
  return { exitCode: state.ExitCode, reason, ...(finishedAt === undefined ? {} : { finishedAt }) };
}

/** From an entry of the engine's list, which knows enough about a sandbox. */
export function sandboxState(info: ContainerInfo): SandboxState {
  const ready = stateOf(info.State) === "running";
  const addresses = Object.values(info.NetworkSettings?.Networks ?? {}).map((network) => network.IPAddress);
  return {
    id: info.Id as SandboxId,
    pod: podOf(info.Labels),
    attempt: attemptOf(info.Labels),
    ready,
    ip: ready ? (info.Labels[labelNames.address] ?? addresses.find((each) => each) ?? "") : "",
    createdAt: info.Created * 1000,
  };
}

/** The same from an inspection. */
export function inspectedSandbox(info: ContainerInspectInfo): SandboxState {
  const labels = info.Config.Labels;
  const ready = stateOf(info.State.Status) === "running";
  const addresses = Object.values(info.NetworkSettings.Networks).map((network) => network.IPAddress);
  return {
    id: info.Id as SandboxId,
    pod: podOf(labels),
    attempt: attemptOf(labels),
    ready,
    ip: ready ? (labels[labelNames.address] ?? addresses.find((each) => each) ?? "") : "",
    createdAt: timeOf(info.Created) ?? 0,
  };
}

/** What a container needs to know of its sandbox, from an inspection. */
export function sandboxPlace(info: ContainerInspectInfo): SandboxPlace {
  const labels = info.Config.Labels;
  const networkFiles = labels[labelNames.networkFiles];
  return {
    id: info.Id,
    pod: podOf(labels),
    attempt: attemptOf(labels),
    ...(networkFiles !== undefined && { networkFiles }),
  };
}
