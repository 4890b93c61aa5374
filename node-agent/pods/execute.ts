// Does one action of a pod in the world. Decides nothing: what comes of it goes back to the state machine.

import { BerthError, assertNever, type Container, type Position } from "../../protocol/mod.ts";
import {
  type ContainerId,
  RuntimeError,
  type RuntimeErrorCode,
  type SandboxId,
  type SandboxSpec,
} from "../runtime/runtime.ts";
import { containerSpec, hostPorts, pullPolicy } from "./container-spec.ts";
import { memoryOf } from "./lifecycle.ts";
import type { ActionFailureCode, ActionResult, PodAction } from "./pod-action.ts";
import type { PodHost } from "./pod-host.ts";
import { allContainers, type PodState } from "./pod-state.ts";
import { probeOf, probeSettings } from "./probes.ts";

/** What the actor keeps beside the state: facts that live only as long as this process. */
export interface ExecutionContext {
  readonly host: PodHost;
  readonly state: PodState;
  /** Service table position that the pod's environment needs. */
  readonly services: Position;
  /** Host paths by volume name, once prepared. */
  readonly volumes: Map<string, string>;
  /** Aborted when the pod is to stop: ends waiting for images. */
  readonly signal: AbortSignal;
}

const nothing: ActionResult = { type: "none" };

export async function execute(action: PodAction, context: ExecutionContext): Promise<ActionResult> {
  const { host, state } = context;
  const { runtime } = host;
  switch (action.type) {
    case "prepare-volumes":
      await prepareVolumes(context);
      return nothing;
    case "run-sandbox": {
      const spec = sandboxSpec(context, action.attempt);
      return { type: "sandbox", sandbox: await host.starts.run(() => runtime.runSandbox(spec)) };
    }
    case "stop-sandbox":
      await runtime.stopSandbox(action.id);
      return nothing;
    case "remove-sandbox":
      await removeSandbox(context, action.id, action.containers);
      return nothing;
    case "start-container":
      return startContainer(action, context);
    case "stop-container": {
      await runtime.stopContainer(action.id, action.graceMs);
      const info = await runtime.inspectContainer(action.id);
      if (info?.state === "running")
        throw new RuntimeError("Timeout", `container ${action.container} did not stop`);
      return info ? { type: "container", info } : nothing;
    }
    case "remove-container":
      await runtime.removeContainer(action.id);
      return nothing;
    case "probe":
      return probeContainer(action, context);
    case "clean-up":
      await removeRest(context);
      await host.volumes.cleanUp(state.uid);
      host.addresses?.release(state.uid);
      host.forget(state.uid);
      return nothing;
    default:
      return assertNever(action, "pod action");
  }
}

async function prepareVolumes({ host, state, volumes }: ExecutionContext): Promise<void> {
  const prepared = await host.volumes.prepare(state.uid, state.pod);
  if (!prepared.ok) throw new BerthError(prepared.error);
  for (const [name, path] of Object.entries(prepared.value)) volumes.set(name, path);
}

function sandboxSpec({ host, state }: ExecutionContext, attempt: number): SandboxSpec {
  const { pod, uid } = state;
  const { name = "", namespace = "default", labels, annotations } = pod.metadata ?? {};
  const hostNetwork = pod.spec?.hostNetwork === true;
  const dns = host.dns?.(pod);
  return {
    pod: { cluster: host.cluster, node: host.node, namespace, name, uid },
    attempt,
    hostname: (pod.spec?.hostname || name).slice(0, maxHostnameLength).replace(/[-.]+$/, ""),
    hostNetwork,
    hostPorts: hostPorts(pod),
    ...sandboxAddress(host, state, hostNetwork),
    labels: labels ?? {},
    annotations: annotations ?? {},
    logDirectory: host.volumes.logDirectory(uid),
    ...(dns && { dns }),
  };
}
/** Linux's limit. */
const maxHostnameLength = 63;

function sandboxAddress(host: PodHost, state: PodState, hostNetwork: boolean): { address?: string } {
  if (!host.addresses) return {};
  if (hostNetwork) return { address: host.hostIp };
  const address = host.addresses.allocate(state.uid);
  if (!address.ok) throw new BerthError(address.error);
  return { address: address.value };
}

async function removeSandbox(
  { host }: ExecutionContext,
  id: SandboxId,
  containers: readonly ContainerId[],
): Promise<void> {
  const { runtime } = host;
  await ignoreMissing(runtime.stopSandbox(id));
  await Promise.all(containers.map((container) => ignoreMissing(runtime.removeContainer(container))));
  await ignoreMissing(runtime.removeSandbox(id));
}
/** A start that failed half-way leaves things whose ids nobody was told. */
async function removeRest({ host, state }: ExecutionContext): Promise<void> {
  const { runtime } = host;
  const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()]);
  for (const { id, pod } of containers)
    if (pod === state.uid) await ignoreMissing(runtime.removeContainer(id));
  for (const { id, pod } of sandboxes)
    if (pod.uid === state.uid) await ignoreMissing(runtime.removeSandbox(id));
}
async function ignoreMissing(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof RuntimeError) || error.code !== "NotFound") throw error;
  });
}

async function startContainer(
  action: Extract<PodAction, { type: "start-container" }>,
  context: ExecutionContext,
): Promise<ActionResult> {
  const { host, state, services, signal } = context;
  const { runtime } = host;
  const container = specOf(state, action.container);
  await orAborted(host.servicesAt(services), signal);
  await orAborted(host.images.ensure(container.image ?? "", pullPolicy(container)), signal);
  // After an adoption the paths are not known yet; preparing again changes nothing.
  if (context.volumes.size === 0 && state.pod.spec?.volumes?.length) await prepareVolumes(context);
  const spec = containerSpec(container, {
    pod: state.pod,
    podIp: state.sandbox.ip,
    hostIp: host.hostIp,
    node: host.node,
    allocatable: host.allocatable,
    services: host.services(),
    attempt: action.attempt,
    volumes: Object.fromEntries(context.volumes),
  });
  if (!spec.ok) throw new RuntimeError("CreateContainerConfigError", spec.error.message);
  return host.starts.run(async () => {
    signal.throwIfAborted();
    const id = await runtime.createContainer(action.sandbox, spec.value);
    await runtime.startContainer(id).catch(asStartError);
    const info = await runtime.inspectContainer(id);
    if (!info) throw new RuntimeError("NotFound", `container ${action.container} vanished as it was started`);
    return { type: "container", info };
  });
}

/** A container that was made and cannot be run has had its attempt, whichever way the runtime words it. */
function asStartError(error: unknown): never {
  if (error instanceof RuntimeError && error.code === "CreateContainerConfigError") {
    throw new RuntimeError("RunContainerError", error.message, { cause: error });
  }
  throw error;
}

function specOf(state: PodState, name: string): Container {
  const container = allContainers(state.pod).find((candidate) => candidate.name === name);
  if (!container) throw new Error(`pod ${state.uid} has no container ${name}`);
  return container;
}

/** The work itself goes on (others may share it); only the waiting ends. */
function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new ActionAborted());
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
class ActionAborted extends Error {
  constructor() {
    super("given up: the pod is to stop");
    this.name = "AbortError";
  }
}

async function probeContainer(
  action: Extract<PodAction, { type: "probe" }>,
  { host, state }: ExecutionContext,
): Promise<ActionResult> {
  const container = specOf(state, action.container);
  const probe = probeOf(container, action.kind);
  if (!probe || !memoryOf(state, action.container)) return nothing;
  const { timeoutMs } = probeSettings(probe, action.kind);
  const outcome = await host.prober.probe(probe, {
    container,
    id: action.id,
    podIp: state.sandbox.ip,
    timeoutMs,
  });
  return { type: "probe", ...outcome };
}

/** What the state machine is told of an error. */
export function failureOf(error: Error): { readonly code: ActionFailureCode; readonly message: string } {
  const { message } = error;
  if (error.name === "AbortError") return { code: "Aborted", message };
  if (error instanceof RuntimeError) return { code: error.code satisfies RuntimeErrorCode, message };
  return { code: "Internal", message };
}
