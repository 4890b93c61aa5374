// Where the process driver keeps what it knows, and the small files that a later agent adopts containers from.
// Written before the deed they describe; replaced by rename, so a killed agent leaves no half file.

import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId, ContainerSpec, PodIdentity, SandboxId, SandboxSpec } from "../runtime.ts";
import { readText } from "./wrapper.ts";

/** Contents of sandbox.json. */
export interface SandboxRecord {
  readonly id: SandboxId;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly hostname: string;
  readonly address: string;
  readonly logDirectory: string;
  readonly createdAt: number;
  readonly stopped: boolean;
}

/** Contents of container.json. */
export interface ContainerRecord {
  readonly id: ContainerId;
  readonly sandbox: SandboxId;
  readonly pod: PodIdentity;
  readonly hostname: string;
  readonly spec: ContainerSpec;
  readonly recordDirectory: string;
  /** Control groups made for it; empty without limits or without support. */
  readonly cgroups: readonly string[];
  readonly createdAt: number;
}

export const sandboxId = (spec: Pick<SandboxSpec, "pod" | "attempt">): SandboxId =>
  `${spec.pod.uid}.${spec.attempt}` as SandboxId;
export const containerId = (sandbox: SandboxId, spec: Pick<ContainerSpec, "name" | "attempt">): ContainerId =>
  `${sandbox}.${spec.name}.${spec.attempt}` as ContainerId;

export const sandboxesDirectory = (directory: string): string => join(directory, "sandboxes");
export const sandboxDirectory = (directory: string, id: SandboxId): string =>
  join(sandboxesDirectory(directory), id);
export const containerDirectory = (
  directory: string,
  record: Pick<ContainerRecord, "id" | "sandbox">,
): string => join(sandboxDirectory(directory, record.sandbox), "containers", record.id);

/** Where this stands, nothing of the sandbox starts any more: the wrapper looks before it becomes the command. */
export const fencedFile = (directory: string, id: SandboxId): string =>
  join(sandboxDirectory(directory, id), "fenced");

export interface ContainerPaths {
  readonly base: string;
  /** pids, start times, exit code: the wrapper's. */
  readonly run: string;
  /** What the process writes its output to. */
  readonly raw: string;
  /** Stands in for the container's root directory. */
  readonly root: string;
}
export const containerPaths = (base: string): ContainerPaths => ({
  base,
  run: join(base, "run"),
  raw: join(base, "raw"),
  root: join(base, "root"),
});

/** Makes a directory that only the agent's user may enter: environments may hold secrets. */
export function makePrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

export function saveSandbox(directory: string, record: SandboxRecord): void {
  const path = sandboxDirectory(directory, record.id);
  mkdirSync(path, { recursive: true });
  replaceFile(join(path, "sandbox.json"), record);
}

export function saveContainer(directory: string, record: ContainerRecord): void {
  replaceFile(join(containerDirectory(directory, record), "container.json"), record);
}

function replaceFile(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Every sandbox that was completely recorded. */
export function loadSandboxes(directory: string): readonly SandboxRecord[] {
  return namesIn(sandboxesDirectory(directory)).flatMap((name) => {
    const record = readRecord<SandboxRecord>(join(sandboxesDirectory(directory), name, "sandbox.json"));
    return record?.id === name ? [record] : [];
  });
}

export function loadContainers(directory: string, sandbox: SandboxId): readonly ContainerRecord[] {
  const containers = join(sandboxDirectory(directory, sandbox), "containers");
  return namesIn(containers).flatMap((name) => {
    const record = readRecord<ContainerRecord>(join(containers, name, "container.json"));
    return record?.id === name ? [record] : [];
  });
}

/** Removes what an agent that was killed in the middle of a creation or a removal left: folders without a record. */
export function removeRemains(directory: string): void {
  const sandboxes = sandboxesDirectory(directory);
  for (const sandbox of namesIn(sandboxes)) {
    removeUnrecorded(join(sandboxes, sandbox), "sandbox.json");
    const containers = join(sandboxes, sandbox, "containers");
    for (const container of namesIn(containers))
      removeUnrecorded(join(containers, container), "container.json");
  }
}

function removeUnrecorded(path: string, record: string): void {
  if (!existsSync(join(path, record))) rmSync(path, { recursive: true, force: true });
}

/** These files are written by this module alone, so their shape is taken on trust once they parse. */
function readRecord<Shape>(path: string): Shape | undefined {
  const text = readText(path);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Shape);
  } catch {
    return undefined;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
