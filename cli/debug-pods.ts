// What `berth debug` makes: a container for a running pod, a changed copy of one, or a pod that sees a whole node. Pure.

import {
  failure,
  type Container,
  type EphemeralContainer,
  type PodSpec,
  type Result,
  success,
} from "../protocol/mod.ts";
import type { Manifest, Stored } from "../client/mod.ts";
import { withImages } from "./pod-templates.ts";

/** As the command line takes them. */
export interface DebugFlags {
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly target?: string;
  readonly container?: string;
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly attach?: boolean;
  readonly env?: readonly string[];
  readonly copyTo?: string;
  readonly sameNode?: boolean;
  readonly setImage?: readonly string[];
  readonly replace?: boolean;
  readonly shareProcesses?: boolean;
  readonly quiet?: boolean;
}

/** `debugger`, `debugger-2`, …: the first that the pod does not have. */
export function debuggerName({ spec }: Stored<"Pod">): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
  const taken = new Set([...containers, ...initContainers, ...ephemeralContainers].map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? "debugger" : `debugger-${number}`;
    if (!taken.has(name)) return name;
  }
}

interface Wanted {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly flags: DebugFlags;
}

export function ephemeralDebugger({ name, image, command, flags }: Wanted): EphemeralContainer {
  return {
    ...debuggerContainer({ name, image, command, flags }),
    ...(flags.target !== undefined && { targetContainerName: flags.target }),
  };
}

function debuggerContainer({ name, image, command, flags }: Wanted): Container {
  const env = (flags.env ?? []).map((text) => {
    const [key = "", ...value] = text.split("=");
    return { name: key, value: value.join("=") };
  });
  return {
    name,
    image,
    ...(command.length > 0 && { command: [...command] }),
    ...(isPolicy(flags.imagePullPolicy) && { imagePullPolicy: flags.imagePullPolicy }),
    ...(env.length > 0 && { env }),
    // The end of our input is the end of its.
    ...(flags.stdin && { stdin: true, stdinOnce: true }),
    ...(flags.tty && { tty: true }),
    terminationMessagePolicy: "File",
  };
}

const isPolicy = (text: string | undefined): text is NonNullable<Container["imagePullPolicy"]> =>
  text === "Always" || text === "IfNotPresent" || text === "Never";

export interface DebugCopy {
  readonly pod: Manifest;
  /** Which container to look at. */
  readonly container: string;
}

/**
 * A copy that nothing else takes for the pod: without labels, owners and probes. An image adds a container, a command
 * changes the one that is named.
 */
export function debugCopy(
  pod: Stored<"Pod">,
  {
    name,
    command,
    flags,
  }: { readonly name: string; readonly command: readonly string[]; readonly flags: DebugFlags },
): Result<DebugCopy> {
  const { spec, metadata } = pod;
  if (!spec) return failure("Invalid", "the pod has no spec to copy");
  const { nodeName, ephemeralContainers: _none, ...rest } = spec;
  let containers = spec.containers.map(withoutProbes);
  const images = new Map((flags.setImage ?? []).map((text) => splitOnce(text)));
  const changed = withImages({ ...rest, containers }, images);
  if (changed.unknown.length > 0) {
    return failure("Invalid", `the pod has no container ${changed.unknown.join(", ")}`);
  }
  containers = [...(changed.lists["containers"] ?? containers)];
  const known = containers.findIndex((each) => each.name === flags.container);
  let looked = flags.container ?? containers[0]?.name ?? "";
  if (known >= 0 || (flags.image === undefined && command.length > 0)) {
    const index = Math.max(0, known);
    containers = containers.map((each, at) => (at === index ? overridden(each, { command, flags }) : each));
  } else if (flags.image !== undefined) {
    looked = flags.container ?? debuggerName(pod);
    containers = [...containers, debuggerContainer({ name: looked, image: flags.image, command, flags })];
  }
  const copied: PodSpec = {
    ...rest,
    ...(flags.sameNode && nodeName && { nodeName }),
    ...(flags.shareProcesses !== false && { shareProcessNamespace: true }),
    initContainers: changed.lists["initContainers"]
      ? [...changed.lists["initContainers"]]
      : (rest.initContainers ?? []),
    containers,
  };
  const { annotations, namespace } = metadata;
  const own = { name, ...(namespace !== undefined && { namespace }), ...(annotations && { annotations }) };
  return success({ pod: { apiVersion: "v1", kind: "Pod", metadata: own, spec: copied }, container: looked });
}

function withoutProbes(container: Container): Container {
  const { livenessProbe: _live, readinessProbe: _ready, startupProbe: _started, ...rest } = container;
  return rest;
}

function overridden(
  container: Container,
  { command, flags }: { readonly command: readonly string[]; readonly flags: DebugFlags },
): Container {
  const { args, ...rest } = container;
  return {
    ...rest,
    ...(flags.image !== undefined && { image: flags.image }),
    ...(command.length > 0 ? { command: [...command] } : args && { args }),
    ...(flags.stdin && { stdin: true, stdinOnce: true }),
    ...(flags.tty && { tty: true }),
  };
}

const splitOnce = (text: string): [string, string] => {
  const [name = "", ...image] = text.split("=");
  return [name, image.join("=")];
};

/** In all of the node's namespaces, with its files at /host, whatever its taints. */
export function nodeDebugger({
  node,
  namespace,
  image,
  command,
  flags,
}: Omit<Wanted, "name"> & { readonly node: string; readonly namespace: string }): Manifest {
  const container = debuggerContainer({ name: "debugger", image, command, flags });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: `node-debugger-${node}-`, namespace },
    spec: {
      nodeName: node,
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      restartPolicy: "Never",
      tolerations: [{ operator: "Exists" }],
      volumes: [{ name: "host-root", hostPath: { path: "/" } }],
      containers: [{ ...container, volumeMounts: [{ name: "host-root", mountPath: "/host" }] }],
    },
  };
}
