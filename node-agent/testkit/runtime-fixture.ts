// What runtimes are asked for in tests: the least that a sandbox and a container need, unless told otherwise.

import type { Uid } from "../../protocol/mod.ts";
import type { ContainerSpec, SandboxSpec } from "../runtime/runtime.ts";

export const testSandbox = (change: Partial<SandboxSpec> = {}): SandboxSpec => ({
  pod: { cluster: "c", node: "n", namespace: "default", name: "web", uid: "u-1" as Uid },
  attempt: 0,
  hostname: change.pod?.name ?? "web",
  hostNetwork: false,
  hostPorts: [],
  labels: {},
  annotations: {},
  logDirectory: "",
  ...change,
});

export const testContainer = (change: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: "main",
  attempt: 0,
  image: "web:1",
  command: [],
  args: [],
  environment: [],
  mounts: [],
  resources: {},
  tty: false,
  stdin: false,
  ...change,
});
