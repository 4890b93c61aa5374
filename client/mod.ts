// The client library: everything that a program needs to work with a cluster.
export * from "./client.ts";
export * from "./connect.ts";
export { type DrainedPod, type DrainOptions, type DrainStep } from "./drain.ts";
export { defaultEventsLimit, type EventsOptions, fromTheBeginning } from "./history.ts";
export { isScalable, type Manifest, type ScalableKind, type Stored, type StoredOf } from "./kinds.ts";
export { defaultNamespace, type Listed, type Selection } from "./listing.ts";
export {
  type ManifestDocument,
  type ManifestFile,
  type ManifestProblem,
  maxManifestBytes,
  maxManifestDepth,
  maxManifestKeys,
  readManifests,
  readValue,
} from "./manifests.ts";
export {
  type ApplyOptions,
  defaultFieldManager,
  type DeleteOptions,
  type FenceOptions,
  type Mutation,
  type MutationOptions,
  type PatchOptions,
} from "./mutations.ts";
export type { FileOptions, PathInfo, PodConnection } from "./pod-files.ts";
export type { AttachOptions, ExecOptions, ExecResult, ExecSession, LogOptions } from "./pod-streams.ts";
export type { CallOptions, ClientWorld } from "./requester.ts";
export {
  type RollingUpdate,
  type RollingUpdateOptions,
  type RollingUpdateStep,
  rollingUpdate,
} from "./rolling-update.ts";
export {
  listRevisions,
  type Revision,
  type Rolled,
  type RolloutKind,
  type RolloutProgress,
  rolloutProgress,
  undoRollout,
} from "./rollout.ts";
export type { StreamChunk } from "./stream.ts";
export type { NodeUsage, PodUsage, ResourceUsage, UsageList } from "./usage.ts";
export type { WaitOptions } from "./wait.ts";
export type { WaitGoneOptions } from "./wait-gone.ts";
export type { WatchEvent, WatchOptions } from "./watch.ts";
// What a program needs of the contract, so that it can do with this one import.
export {
  type ApiObject,
  BerthError,
  type ClusterStatus,
  type ErrorCode,
  type FieldValidation,
  type KindName,
  type ObjectPatch,
  type PatchType,
  type WhyNode,
} from "../protocol/mod.ts";
