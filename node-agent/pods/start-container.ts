// Makes and starts one container: its image, its configs, its mounts, and what is to run right after its start.

import { configKey, type Container, type Result, success, unwrap } from "../../protocol/mod.ts";
import type { ConfigValues, PodConfigs } from "../configs/config-source.ts";
import { type ContainerId, type ContainerSpec, type Mount, RuntimeError } from "../runtime/runtime.ts";
import type { FilesOf } from "../volumes/pod-volumes.ts";
import { volumeFiles } from "../volumes/volume-files.ts";
import { prepareClaims } from "./prepare-claims.ts";
import { containerSpec, type PlannedMount, pullPolicy } from "./container-spec.ts";
import type { DownwardContext } from "./downward.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { postStartTimeoutMs, runHook } from "./hooks.ts";
import type { ActionResult, PodAction } from "./pod-action.ts";
import { pullCredentials } from "./pull-credentials.ts";
import type { PodHost } from "./pod-host.ts";
import { allContainers, ephemeralContainers, type PodState } from "./pod-state.ts";
import { defaultGraceSeconds } from "./timing.ts";

type Start = Extract<PodAction, { type: "start-container" }>;

export async function startContainer(action: Start, context: ExecutionContext): Promise<ActionResult> {
  const { host, state, services, signal } = context;
  const container = specOf(context, action.container);
  await orAborted(host.servicesAt(services), signal);
  const configs = await orAborted(podConfigs(context), signal);
  const credentials = pullCredentials(container.image ?? "", state.pod, configs);
  await orAborted(host.images.ensure(container.image ?? "", pullPolicy(container), credentials), signal);
  // After an adoption the paths are not known yet; preparing again changes nothing.
  if (context.volumes.size === 0 && state.pod.spec?.volumes?.length) await prepareVolumes(context);
  const planned = containerSpec(container, {
    ...downwardContext(context),
    services: host.services(),
    configs,
    target: targetOf(state, action.container),
    dnsServer: await dnsServer(context),
    attempt: action.attempt,
    volumes: Object.fromEntries(Array.from(context.volumes, ([name, { hostPath }]) => [name, hostPath])),
  });
  if (!planned.ok) throw new RuntimeError("CreateContainerConfigError", planned.error.message);
  const mounts = await hostMounts(container, planned.value.mounts, action, context);
  const id = await makeContainer(action, { ...planned.value, mounts }, context);
  const problem = await afterStart(container, id, context);
  const info = await host.runtime.inspectContainer(id);
  if (!info) throw new RuntimeError("NotFound", `container ${action.container} vanished as it was started`);
  return { type: "container", info: problem === undefined ? info : { ...info, message: problem } };
}

/** For the environment of pods on the host's loopback; undefined where the runtime gives each a resolv.conf. */
async function dnsServer({ host }: ExecutionContext): Promise<string | undefined> {
  const server = host.addresses ? await host.dns?.server() : undefined;
  return server && `${server.address}:${server.port}`;
}

/** The running container whose processes an ephemeral one is to see. */
function targetOf(state: PodState, name: string): ContainerId | undefined {
  const { targetContainerName } = ephemeralContainers(state.pod).find((each) => each.name === name) ?? {};
  if (!targetContainerName) return undefined;
  const target = state.containers[targetContainerName]?.current;
  if (target?.state === "running") return target.id;
  const message = `its target, container ${targetContainerName}, is not running`;
  throw new RuntimeError("CreateContainerConfigError", message);
}

export function specOf({ state }: ExecutionContext, name: string): Container {
  const container = allContainers(state.pod).find((candidate) => candidate.name === name);
  if (!container) throw new Error(`pod ${state.uid} has no container ${name}`);
  return container;
}

/** The values of everything that the pod refers to. */
export async function podConfigs({ host, state }: ExecutionContext): Promise<PodConfigs> {
  const namespace = state.pod.metadata?.namespace ?? "default";
  const values = new Map<string, ConfigValues>();
  await Promise.all(
    (state.configs ?? []).map(async (reference) => {
      const found = await host.configs.values(namespace, reference);
      if (found) values.set(configKey(namespace, reference), found);
    }),
  );
  return (config) => values.get(configKey(namespace, config));
}

export async function prepareVolumes(context: ExecutionContext): Promise<void> {
  const { host, state, volumes } = context;
  const configs = await podConfigs(context);
  const filesOf: FilesOf = (volume) => volumeFiles(volume, { ...downwardContext(context), configs });
  const prepared = await host.volumes.prepare(state.uid, state.pod, filesOf);
  for (const [name, hostPath] of Object.entries(unwrap(prepared))) volumes.set(name, { hostPath });
  for (const [name, claim] of await prepareClaims(context)) volumes.set(name, claim);
}

const downwardContext = ({ host, state }: ExecutionContext): DownwardContext => ({
  pod: state.pod,
  podIp: state.sandbox.ip,
  hostIp: host.hostIp,
  node: host.node,
  allocatable: host.allocatable,
});

async function hostMounts(
  container: Container,
  planned: readonly PlannedMount[],
  { attempt }: Start,
  { host, state, volumes, claims }: ExecutionContext,
): Promise<readonly Mount[]> {
  const { uid } = state;
  const { name, terminationMessagePath } = container;
  const mounts: Mount[] = [];
  for (const [index, { subPath, volume, ...mount }] of planned.entries()) {
    const { engineVolume } = volumes.get(volume) ?? {};
    if (engineVolume !== undefined && subPath !== undefined) {
      const message = `volume ${volume}: subPath is not supported on a volume that the engine's driver mounts`;
      throw new RuntimeError("CreateContainerConfigError", message);
    }
    const readOnly = mount.readOnly || claims.some((claim) => claim.name === volume && claim.readOnly);
    const part: Result<string> =
      subPath === undefined
        ? success(mount.hostPath)
        : await host.volumes.subPath(uid, { container: name, index, volume: mount.hostPath, subPath });
    if (!part.ok) throw new RuntimeError("CreateContainerConfigError", part.error.message);
    mounts.push({
      ...mount,
      readOnly,
      hostPath: part.value,
      ...(engineVolume !== undefined && { engineVolume }),
    });
  }
  if (terminationMessagePath) {
    const hostPath = await host.volumes.endFile(uid, name, attempt);
    mounts.push({ containerPath: terminationMessagePath, hostPath, readOnly: false });
  }
  return mounts;
}

function makeContainer(
  action: Start,
  spec: ContainerSpec,
  { host, state, signal }: ExecutionContext,
): Promise<ContainerId> {
  return host.starts.run(async () => {
    signal.throwIfAborted();
    mustHaveLease(host, state);
    const id = await host.runtime.createContainer(action.sandbox, spec);
    // The last moment at which it can be told; whatever is later finds its sandbox fenced.
    mustHaveLease(host, state);
    await host.runtime.startContainer(id).catch(asStartError);
    return id;
    // Its sandbox stands: this pod is ready before the next one is begun.
  }, "going-on");
}

function mustHaveLease({ mayStart }: PodHost, { uid, pod }: PodState): void {
  if (mayStart(uid, pod)) return;
  throw new RuntimeError("Unavailable", "the lease of this pod on this node is over: nothing of it starts");
}

/** A container that was made and cannot be run has had its attempt, whichever way the runtime words it. */
function asStartError(error: unknown): never {
  if (error instanceof RuntimeError && error.code === "CreateContainerConfigError") {
    throw new RuntimeError("RunContainerError", error.message, { cause: error });
  }
  throw error;
}

/** A container whose postStart fails is stopped again, and what follows is its restart policy's matter. */
async function afterStart(
  container: Container,
  id: ContainerId,
  { host, state, signal }: ExecutionContext,
): Promise<string | undefined> {
  const hook = container.lifecycle?.postStart;
  if (!hook) return undefined;
  const { ip: podIp } = state.sandbox;
  const run = { host, container, id, podIp, timeoutMs: postStartTimeoutMs, signal };
  const problem = await orAborted(runHook(hook, run), signal).catch((error: unknown) => {
    // The pod is to stop: its container is stopped as every other.
    if (signal.aborted) return undefined;
    return error instanceof Error ? error.message : String(error);
  });
  if (problem === undefined) return undefined;
  const seconds = state.pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
  await host.runtime.stopContainer(id, seconds * 1000);
  return `PostStartHookError: ${problem}`;
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
