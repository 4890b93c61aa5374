// The public client: one method per thing that a program wants from a cluster. It holds a connection and the
// highest position seen, and nothing else; the work is in the modules that it calls.

import {
  type ApiObject,
  BerthError,
  type ClusterStatus,
  type EphemeralContainer,
  type KindName,
  type ObjectPatch,
  type Position,
  type Positioned,
  type Taint,
  type WhyNode,
} from "../protocol/mod.ts";
import { type DrainOptions, type DrainStep, drainNode } from "./drain.ts";
import { type EventsOptions, listEvents, watchEvents, why } from "./history.ts";
import { asKind, asStoredOf, type Manifest, type ScalableKind, type Stored, type StoredOf } from "./kinds.ts";
import { listAll, type Listed, type Selection, targetOf } from "./listing.ts";
import {
  type ApplyOptions,
  deleteObject,
  type DeleteOptions,
  evictPod,
  fenceNode,
  type FenceOptions,
  infoOf,
  type Mutation,
  type MutationOptions,
  patchObject,
  type PatchOptions,
  submit,
} from "./mutations.ts";
import {
  type AttachOptions,
  type ExecOptions,
  type ExecResult,
  type ExecSession,
  type LogOptions,
  openAttach,
  openExec,
  openLogs,
  runExec,
} from "./pod-streams.ts";
import {
  type FileOptions,
  openPort,
  type PathInfo,
  pathInfo,
  type PodConnection,
  readArchive,
  writeArchive,
} from "./pod-files.ts";
import type { CallOptions, Requester } from "./requester.ts";
import type { StreamChunk } from "./stream.ts";
import { nodeUsage, type NodeUsage, podUsage, type PodUsage, type UsageList } from "./usage.ts";
import { Watcher, type WatchEvent, type WatchOptions } from "./watch.ts";
import { type Awaited, waitGone, type WaitGoneOptions } from "./wait-gone.ts";
import { waitFor, type WaitOptions } from "./wait.ts";

export interface GetOptions extends CallOptions {
  readonly namespace?: string;
}
export interface ScaleOptions extends MutationOptions {
  /** Refused with Conflict when the present number is another. */
  readonly currentReplicas?: number;
}

/** A read-modify-write is tried again this often when someone else was faster. */
const conflictTries = 5;

/** Every method rejects with BerthError for what a cluster can answer, and with the signal's reason when aborted. */
export class BerthClient {
  readonly #requester: Requester;
  readonly #close: () => Promise<void>;

  constructor(requester: Requester, close: () => Promise<void>) {
    this.#requester = requester;
    this.#close = close;
  }

  get user(): string {
    return this.#requester.options.user;
  }
  get prefix(): string {
    return this.#requester.options.prefix;
  }
  /** Where the connection goes, and the NATS server's version. */
  get server(): { readonly url: string; readonly version: string } {
    return this.#requester.options.bus.serverInfo;
  }
  /** Highest position that an answer showed: later reads see at least this. */
  get position(): Position {
    return this.#requester.seen;
  }

  /** Creates the object, or merges it with what this field manager applied last. */
  async apply<M extends Manifest>(manifest: M, options: ApplyOptions = {}): Promise<Mutation<StoredOf<M>>> {
    return typed(manifest, await submit(this.#requester, "apply", manifest, options));
  }
  /** Fails with AlreadyExists. */
  async create<M extends Manifest>(
    manifest: M,
    options: MutationOptions = {},
  ): Promise<Mutation<StoredOf<M>>> {
    return typed(manifest, await submit(this.#requester, "create", manifest, options));
  }
  /** Fails with NotFound, and with Conflict when `metadata.resourceVersion` is set and stale. */
  async replace<M extends Manifest>(
    manifest: M,
    options: MutationOptions = {},
  ): Promise<Mutation<StoredOf<M>>> {
    return typed(manifest, await submit(this.#requester, "update", manifest, options));
  }
  /** By default an RFC 7386 merge patch: null deletes a field, arrays are replaced whole. */
  async patch<K extends KindName>(
    kind: K,
    name: string,
    patch: ObjectPatch,
    options: PatchOptions = {},
  ): Promise<Mutation<Stored<K>>> {
    const done = await patchObject(this.#requester, { kind, name, patch }, options);
    return { ...done, object: asKind(kind, done.object) };
  }
  /** The answer shows the object as it was; pods go once their containers have ended. */
  async delete<K extends KindName>(
    kind: K,
    name: string,
    options: DeleteOptions = {},
  ): Promise<Mutation<Stored<K>>> {
    const done = await deleteObject(this.#requester, { kind, name }, options);
    return { ...done, object: asKind(kind, done.object) };
  }

  async get<K extends KindName>(kind: K, name: string, options: GetOptions = {}): Promise<Stored<K>> {
    const target = { ...targetOf(infoOf(kind), options), verb: "get" as const, name };
    const reply = await this.#requester.call(target, {}, options);
    if (reply.type === "object") return asKind(kind, reply.object);
    throw new BerthError({ code: "Internal", message: `asked for a ${kind}, got a ${reply.type}` });
  }
  /** All of them, whatever their number, at one position. */
  async list<K extends KindName>(kind: K, selection: Selection = {}): Promise<Stored<K>[]> {
    return [...(await this.listAt(kind, selection)).items];
  }
  /** A list with the position that it shows and the warnings that came with it. */
  async listAt<K extends KindName>(kind: K, selection: Selection = {}): Promise<Listed<Stored<K>>> {
    const listed = await listAll(this.#requester, infoOf(kind), selection);
    return { ...listed, items: listed.items.map((object) => asKind(kind, object)) };
  }
  /** The present objects as ADDED, then every change, across reconnects and fail-overs, until the signal aborts. */
  async *watch<K extends KindName>(
    kind: K,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<Stored<K>>, void, void> {
    for await (const event of new Watcher(this.#requester, infoOf(kind), options).events()) {
      yield event.type === "BOOKMARK" ? event : { ...event, object: asKind(kind, event.object) };
    }
  }
  /** Resolves when `met` says so of the object, or of its absence (`undefined`); Timeout after `timeoutMs`. */
  waitFor<K extends KindName>(
    kind: K,
    name: string,
    met: (object: Stored<K> | undefined) => boolean,
    options: WaitOptions = {},
  ): Promise<Stored<K> | undefined> {
    const wait = { timeoutMs: this.#requester.options.timeoutMs, ...options };
    return waitFor(this, this.#requester.options.world.clock, { kind, name, met, options: wait });
  }

  /** Resolves when all of these objects are gone; Timeout names those that are not. */
  waitGone(objects: readonly Awaited[], options: WaitGoneOptions = {}): Promise<void> {
    return waitGone(this, this.#requester.options.world.clock, objects, options);
  }

  async scale<K extends ScalableKind>(
    kind: K,
    name: string,
    replicas: number,
    options: ScaleOptions = {},
  ): Promise<Mutation<Stored<K>>> {
    const { currentReplicas, ...rest } = options;
    const patch = { spec: { replicas } };
    if (currentReplicas === undefined)
      return this.patch(kind, name, patch, { ...rest, subresource: "scale" });
    return this.#onConflict(async () => {
      const found = await this.get(kind, name, rest);
      const present = replicasOf(found);
      if (present !== currentReplicas) {
        const message = `expected ${name} to have ${currentReplicas} replicas, found ${present}`;
        throw new BerthError({ code: "Invalid", message });
      }
      const resourceVersion = found.metadata.resourceVersion;
      const guard = resourceVersion === undefined ? {} : { resourceVersion };
      return this.patch(kind, name, patch, { ...rest, ...guard, subresource: "scale" });
    });
  }

  /** Output of a container, as chunks of bytes; breaking off the loop ends the stream. */
  logs(pod: string, options: LogOptions = {}): AsyncGenerator<StreamChunk, void, void> {
    return openLogs(this.#requester, pod, options);
  }
  /** Starts a command in a container. Never sent twice: a Timeout leaves open whether it ran. */
  exec(pod: string, command: readonly string[], options: ExecOptions = {}): Promise<ExecSession> {
    return openExec(this.#requester, pod, command, options);
  }
  /** Runs a command to its end and gives its outputs and exit code. */
  /** Joins the container's main process. */
  attach(pod: string, options: AttachOptions = {}): Promise<ExecSession> {
    return openAttach(this.#requester, pod, options);
  }
  /** What stands at a path of a container; undefined for nothing. */
  pathInfo(pod: string, path: string, options: FileOptions = {}): Promise<PathInfo | undefined> {
    return pathInfo(this.#requester, pod, path, options);
  }
  /** A tar of what stands at a path of a container. */
  readArchive(pod: string, path: string, options: FileOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    return readArchive(this.#requester, pod, path, options);
  }
  /** Unpacks a tar into a directory of a container. */
  writeArchive(
    pod: string,
    what: { readonly directory: string; readonly archive: AsyncIterable<Uint8Array> },
    options: FileOptions = {},
  ): Promise<void> {
    return writeArchive(this.#requester, pod, what, options);
  }
  /** One connection to a port of a pod. */
  connectPort(
    pod: string,
    port: number,
    options: Omit<FileOptions, "container"> = {},
  ): Promise<PodConnection> {
    return openPort(this.#requester, pod, port, options);
  }
  /** Adds containers to a running pod; those that it has stay as they are. */
  addEphemeralContainers(
    pod: string,
    containers: readonly EphemeralContainer[],
    options: PatchOptions = {},
  ): Promise<Mutation<Stored<"Pod">>> {
    return this.#onConflict(async () => {
      const { spec, metadata } = await this.get("Pod", pod, options);
      const all = [...(spec?.ephemeralContainers ?? []), ...containers];
      const guard =
        metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
      const patch = { spec: { ephemeralContainers: all } };
      return this.patch("Pod", pod, patch, { ...options, ...guard, subresource: "ephemeralcontainers" });
    });
  }

  async run(
    pod: string,
    command: readonly string[],
    options: ExecOptions & { readonly input?: string | Uint8Array } = {},
  ): Promise<ExecResult> {
    const { input, ...rest } = options;
    const session = await this.exec(pod, command, { ...rest, stdin: input !== undefined });
    return runExec(session, typeof input === "string" ? new TextEncoder().encode(input) : input);
  }

  /** Events as the log holds them: oldest first unless `newestFirst`. */
  async events(options: EventsOptions = {}): Promise<readonly Positioned[]> {
    return (await listEvents(this.#requester, options)).events;
  }
  watchEvents(options: EventsOptions = {}): AsyncGenerator<Positioned, void, void> {
    return watchEvents(this.#requester, options);
  }
  why(kind: KindName, name: string, options: GetOptions = {}): Promise<WhyNode> {
    return why(this.#requester, { kind, name }, options);
  }
  async status(options: CallOptions = {}): Promise<ClusterStatus> {
    const target = { verb: "get", group: "berth", resource: "status" } as const;
    const reply = await this.#requester.call(target, {}, options);
    if (reply.type === "status") return reply.status;
    throw new BerthError({ code: "Internal", message: `asked for the status, got a ${reply.type}` });
  }

  /** What nodes use now. */
  topNodes(selection: Selection = {}): Promise<UsageList<NodeUsage>> {
    return nodeUsage(this.#requester, selection);
  }
  /** What pods and their containers use now; those that have just started have no figures yet. */
  topPods(selection: Selection = {}): Promise<UsageList<PodUsage>> {
    return podUsage(this.#requester, selection);
  }

  cordon(node: string, options: PatchOptions = {}): Promise<Mutation<Stored<"Node">>> {
    return this.patch("Node", node, { spec: { unschedulable: true } }, options);
  }
  uncordon(node: string, options: PatchOptions = {}): Promise<Mutation<Stored<"Node">>> {
    return this.patch("Node", node, { spec: { unschedulable: null } }, options);
  }
  /** Vouches that nothing runs on a lost node any more: its stateful sets' pods are replaced then. */
  async fence(node: string, options: FenceOptions = {}): Promise<Mutation<Stored<"Node">>> {
    const done = await fenceNode(this.#requester, node, options);
    return { ...done, object: asKind("Node", done.object) };
  }
  /** Sets a node's taints to what `change` makes of the present ones. */
  taint(
    node: string,
    change: (taints: readonly Taint[]) => readonly Taint[],
    options: PatchOptions = {},
  ): Promise<Mutation<Stored<"Node">>> {
    return this.#onConflict(async () => {
      const found = await this.get("Node", node, options);
      const taints = change(found.spec?.taints ?? []);
      const resourceVersion = found.metadata.resourceVersion;
      const guard = resourceVersion === undefined ? {} : { resourceVersion };
      return this.patch("Node", node, { spec: { taints } }, { ...options, ...guard });
    });
  }
  drain(node: string, options: DrainOptions = {}): AsyncGenerator<DrainStep, void, void> {
    return drainNode(this, this.#requester.options.world.clock, node, options);
  }
  /** Fails with DisruptionBudget while a budget that selects the pod does not allow it. */
  evict(pod: string, options: DeleteOptions = {}): Promise<Mutation> {
    return evictPod(this.#requester, pod, options);
  }

  /** Ends the connection if this client opened it; watches and streams end with it. */
  close(): Promise<void> {
    return this.#close();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #onConflict<T>(action: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await action();
      } catch (error) {
        const again = error instanceof BerthError && error.code === "Conflict" && tries < conflictTries;
        if (!again) throw error;
      }
    }
  }
}

const replicasOf = (object: Stored<ScalableKind>): number => object.spec?.replicas ?? 1;

const typed = <M extends Manifest>(manifest: M, done: Mutation<ApiObject>): Mutation<StoredOf<M>> => ({
  ...done,
  object: asStoredOf(manifest, done.object),
});
