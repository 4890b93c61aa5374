// What a pod's state machine wants done in the world, and what it is told in return. Data only.

import type { ConfigReference, Pod } from "../../protocol/mod.ts";
import { assertNever } from "../../protocol/mod.ts";
import type {
  ContainerId,
  ContainerStatusInfo,
  RuntimeErrorCode,
  SandboxId,
  SandboxState,
} from "../runtime/runtime.ts";
import type { Hold } from "./pod-state.ts";
import type { ProbeKind } from "./probes.ts";

export type PodAction =
  /** Also again, when the version of what its files show has changed. */
  | { readonly type: "prepare-volumes"; readonly version: string }
  | { readonly type: "run-sandbox"; readonly attempt: number }
  /** Ends what is left in it; containers and their logs stay. */
  | { readonly type: "stop-sandbox"; readonly id: SandboxId }
  /** Removes it with all that is in it. `containers`, as far as known, go with it: nothing removes them once more. */
  | { readonly type: "remove-sandbox"; readonly id: SandboxId; readonly containers: readonly ContainerId[] }
  /** Image by its policy, create, start. */
  | {
      readonly type: "start-container";
      readonly container: string;
      readonly attempt: number;
      readonly sandbox: SandboxId;
    }
  | {
      readonly type: "stop-container";
      readonly container: string;
      readonly id: ContainerId;
      readonly graceMs: number;
      /** Why, in the words of the terminated state; empty when the pod itself ends. */
      readonly message: string;
      /** It is to start again whatever its exit code says (a probe failed). */
      readonly restart: boolean;
    }
  | { readonly type: "remove-container"; readonly id: ContainerId }
  | { readonly type: "probe"; readonly container: string; readonly id: ContainerId; readonly kind: ProbeKind }
  /** What an ended container said about its end. */
  | { readonly type: "read-end"; readonly container: string; readonly info: ContainerStatusInfo }
  /** Whether an emptyDir has outgrown its limit. */
  | { readonly type: "measure-volumes" }
  /** What was evicted keeps no room: its volumes go before it. */
  | { readonly type: "drop-volumes" }
  /** Volumes, logs and address: the last step. */
  | { readonly type: "clean-up" };

/** Two actions with one key are never done at the same time. */
export function actionKey(action: PodAction): string {
  switch (action.type) {
    case "prepare-volumes":
    case "clean-up":
    case "drop-volumes":
    case "run-sandbox":
    case "measure-volumes":
      return action.type;
    case "stop-sandbox":
    case "remove-sandbox":
    case "remove-container":
      return `${action.type}/${action.id}`;
    case "start-container":
      return `${action.type}/${action.container}`;
    case "stop-container":
      return `${action.type}/${action.id}/${action.graceMs}`;
    case "read-end":
      return `${action.type}/${action.info.id}`;
    case "probe":
      return `${action.type}/${action.container}/${action.kind}/${action.id}`;
    default:
      return assertNever(action, "pod action");
  }
}

/** Failures are counted per thing, whatever the grace of the try. */
export const retryKey = (action: PodAction): string =>
  action.type === "stop-container" ? `${action.type}/${action.id}` : actionKey(action);

export type ActionResult =
  | { readonly type: "none" }
  | { readonly type: "sandbox"; readonly sandbox: SandboxState }
  | { readonly type: "container"; readonly info: ContainerStatusInfo }
  | { readonly type: "end"; readonly message: string }
  /** `problem`: the pod has to go, and why. */
  | { readonly type: "measured"; readonly problem: string | undefined }
  | { readonly type: "probe"; readonly healthy: boolean; readonly message: string };

/** "Aborted": given up because the pod is to stop. */
export type ActionFailureCode = RuntimeErrorCode | "Aborted" | "Internal";

/**
 * `asOf` is monotonic time: of a look, before the runtime was asked; of an action, when it was done.
 * What is older than known is ignored.
 */
export type PodEvent =
  | {
      readonly type: "wanted";
      readonly pod: Pod;
      readonly configs?: readonly ConfigReference[];
      readonly stop?: { readonly graceSeconds: number; readonly reason: string };
    }
  /** No longer held, or less. */
  | { readonly type: "released"; readonly held: Exclude<Hold, "all"> }
  /** Its lease goes on, or is over. */
  | { readonly type: "lease"; readonly over: boolean }
  /** The node's disk is full: what is kept for a look at the past goes. */
  | { readonly type: "free-disk" }
  /** The node has no room for what is new: it ends for good, unless a former agent has begun it already. */
  | { readonly type: "refuse"; readonly message: string }
  /** The node has no room for it any more: it ends for good. */
  | { readonly type: "evict"; readonly message: string; readonly graceSeconds: number }
  | {
      readonly type: "observed";
      readonly asOf: number;
      readonly sandboxes: readonly SandboxState[];
      readonly containers: readonly ContainerStatusInfo[];
    }
  | { readonly type: "container-observed"; readonly asOf: number; readonly info: ContainerStatusInfo }
  | { readonly type: "begun"; readonly action: PodAction }
  | {
      readonly type: "done";
      readonly action: PodAction;
      readonly asOf: number;
      readonly result: ActionResult;
    }
  | {
      readonly type: "failed";
      readonly action: PodAction;
      readonly asOf: number;
      readonly code: ActionFailureCode;
      readonly message: string;
    }
  /** Time has passed. */
  | { readonly type: "tick" };
