// Between an agent and its engine: tells the invariants what is asked of containers, and does what engines do at
// their worst: the work, without the answer.

import {
  type ContainerId,
  type ContainerRuntime,
  RuntimeError,
  type SandboxId,
} from "../../../node-agent/mod.ts";
import type { SimulatedContainer } from "../../../node-agent/runtime/simulated/simulated-container.ts";
import type { Uid } from "../../../protocol/mod.ts";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

export type RuntimeCall =
  /** SIGTERM now, SIGKILL after `graceMs`. */
  | { readonly type: "stop"; readonly container: SimulatedContainer; readonly graceMs: number }
  /** SIGKILL now, as part of a removal. */
  | { readonly type: "kill"; readonly container: SimulatedContainer }
  | { readonly type: "start"; readonly container: SimulatedContainer };

export function watchRuntime(
  cluster: SimCluster,
  node: SimNode,
  runtime: ContainerRuntime,
): ContainerRuntime {
  const { machine } = node;
  const tell = (call: RuntimeCall): void => {
    cluster.trace.tell(node.wire, () => `runtime: ${call.type} ${call.container.id}`);
    cluster.onRuntimeCall(node, call);
  };
  const killAll = (isMeant: (container: SimulatedContainer) => boolean): void => {
    for (const container of machine.containers.values()) {
      if (container.state === "running" && isMeant(container)) tell({ type: "kill", container });
    }
  };
  const inSandbox = (id: SandboxId) => (container: SimulatedContainer) => container.sandbox === id;
  /** Does it, and then may leave the caller without an answer. */
  const made = async <Value>(pod: Uid | string, work: Promise<Value>): Promise<Value> => {
    const value = await patiently(cluster, node, work);
    if (!cluster.losesAnswer(node)) return value;
    cluster.trace.tell(node.wire, () => `runtime: made something of ${pod} and does not answer`);
    throw new RuntimeError("Timeout", "simulated fault: done, and not answered in time");
  };
  const start = async (id: ContainerId): Promise<void> => {
    await runtime.startContainer(id);
    const container = machine.containers.get(id);
    if (container?.state === "running") tell({ type: "start", container });
  };
  return {
    ...bound(runtime),
    listContainers: (pod) => patiently(cluster, node, runtime.listContainers(pod)),
    runSandbox: (spec) => made(spec.pod.uid, runtime.runSandbox(spec)),
    createContainer: (sandbox, spec) => made(sandbox, runtime.createContainer(sandbox, spec)),
    startContainer: (id) => made(id, start(id)),
    stopContainer: (id, graceMs) => {
      const container = machine.containers.get(id);
      if (container?.state === "running") tell({ type: "stop", container, graceMs });
      return runtime.stopContainer(id, graceMs);
    },
    pullImage: async (reference, credentials) => {
      cluster.onPull(node, reference);
      await cluster.registry.fetch(node.wire, reference);
      return runtime.pullImage(reference, credentials);
    },
    stopSandbox: (id) => {
      killAll(inSandbox(id));
      return patiently(cluster, node, runtime.stopSandbox(id));
    },
    removeSandbox: (id) => {
      killAll(inSandbox(id));
      return patiently(cluster, node, runtime.removeSandbox(id));
    },
    removeContainer: (id) => {
      killAll((container) => container.id === id);
      return patiently(cluster, node, runtime.removeContainer(id));
    },
  };
}

/** Gives up after a while, where a fault says so; what was asked for goes on. */
function patiently<Value>(cluster: SimCluster, { wire }: SimNode, work: Promise<Value>): Promise<Value> {
  const patienceMs = cluster.patience.get(wire);
  if (patienceMs === undefined) return work;
  return new Promise((resolve, reject) => {
    cluster.timeline.after(patienceMs, () =>
      reject(new RuntimeError("Timeout", `no answer within ${Math.round(patienceMs)} ms; it goes on`)),
    );
    work.then(resolve, reject);
  });
}

/** The methods of a class instance do not spread. */
const bound = (runtime: ContainerRuntime): ContainerRuntime => ({
  ...(runtime.fence && { fence: runtime.fence }),
  info: () => runtime.info(),
  runSandbox: (spec) => runtime.runSandbox(spec),
  stopSandbox: (id) => runtime.stopSandbox(id),
  removeSandbox: (id) => runtime.removeSandbox(id),
  listSandboxes: (pod) => runtime.listSandboxes(pod),
  createContainer: (sandbox, spec) => runtime.createContainer(sandbox, spec),
  startContainer: (id) => runtime.startContainer(id),
  stopContainer: (id, graceMs) => runtime.stopContainer(id, graceMs),
  removeContainer: (id) => runtime.removeContainer(id),
  listContainers: (pod) => runtime.listContainers(pod),
  inspectContainer: (id) => runtime.inspectContainer(id),
  onEvent: (listener) => runtime.onEvent(listener),
  exec: (id, options) => runtime.exec(id, options),
  execSync: (id, command, timeoutMs) => runtime.execSync(id, command, timeoutMs),
  attach: (id, options) => runtime.attach(id, options),
  pathInfo: (id, path) => runtime.pathInfo(id, path),
  readArchive: (id, path) => runtime.readArchive(id, path),
  writeArchive: (id, directory, archive) => runtime.writeArchive(id, directory, archive),
  logs: (id, options) => runtime.logs(id, options),
  imagePresent: (reference) => runtime.imagePresent(reference),
  pullImage: (reference, credentials) => runtime.pullImage(reference, credentials),
  listImages: () => runtime.listImages(),
  removeImage: (id) => runtime.removeImage(id),
  writtenBytes: (id) => runtime.writtenBytes(id),
  usage: (id) => runtime.usage(id),
  close: () => runtime.close(),
});
