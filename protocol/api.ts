// Requests and replies of the API (subjects <prefix>.api.…), watches, and stream frames.
// The same shapes as JSON for people and as msgpack for programs.

import type { DeletePropagation, ObjectPatch, PatchType, Preconditions } from "./commands.ts";
import type { Failure } from "./errors.ts";
import type { BerthEvent, Positioned } from "./events.ts";
import type { CommandId, Epoch, LogId, Position } from "./ids.ts";
import type { FieldValidation } from "./objects/admit.ts";
import type { ApiObject } from "./objects/object.ts";

/**
 * Body of any API request; an empty body is `{}`. A body with `apiVersion` and `kind` at its top is taken as
 * `{ object: body }`. What the body says must agree with the subject (else BadRequest).
 */
export interface ApiRequest {
  readonly version?: 1;
  /** For mutations; drawn by the master when absent (then a retry is a new command). */
  readonly commandId?: CommandId;
  /** When the command was first sent, ms since 1970; with commandId, so that late retries are told CommandTooOld. */
  readonly sentAt?: number;
  /** create, update, apply. */
  readonly object?: ApiObject;
  /** patch: an object, or the list of operations that a JSON patch is. */
  readonly patch?: ObjectPatch;
  /** Default: merge (RFC 7386). */
  readonly patchType?: PatchType;
  readonly fieldManager?: string;
  /** create, update, apply, patch: what becomes of fields that the kind does not have. Default: Strict. */
  readonly fieldValidation?: FieldValidation;
  /** apply: refused with Conflict where it would change what another manager owns, unless `force` takes it over. */
  readonly serverSide?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** delete */
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: DeletePropagation;
  readonly preconditions?: Preconditions;
  /** `create nodes … fence`: what makes one sure, for the log. */
  readonly reason?: string;
  /** list, watch */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  /** Reads wait until the answering master has folded this far. */
  readonly minPosition?: Position;
  /** Reads from whichever master answers first, however far it is. */
  readonly stale?: boolean;
  /** Reads: values of secrets come sealed to this X25519 key (raw, base64url) instead of in base64. */
  readonly sealTo?: string;
  /** watch: resume after this position; absent starts with the present objects as ADDED. */
  readonly resourceVersion?: string;
  /** watch: subject that events are published on (under the client's inbox prefix). */
  readonly deliver?: string;
  /** `get pods … log` and `create pods … exec|attach|archive|portforward`. */
  readonly stream?: StreamOptions;
  /** `list events`: only those of a kind, of one object, or after a position; oldest first unless said otherwise. */
  readonly events?: {
    readonly kind?: string;
    readonly name?: string;
    readonly since?: Position;
    readonly newestFirst?: boolean;
  };
}

export interface StreamOptions {
  /** Id drawn by the client; data flows on <prefix>.stream.<user>.<id>.<in|out>. */
  readonly id: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
  readonly command?: readonly string[];
  readonly stdin?: boolean;
  readonly tty?: boolean;
  /** attach: also what was written before. */
  readonly replay?: boolean;
  readonly archive?: { readonly operation: "stat" | "read" | "write"; readonly path: string };
  readonly port?: number;
}

export type Outcome = "created" | "configured" | "unchanged" | "deleted";

export type ApiReply =
  | { readonly ok: false; readonly version: 1; readonly error: Failure }
  | ({
      readonly ok: true;
      readonly version: 1;
      /** Position that the answer shows; a later read with `minPosition` sees at least this. */
      readonly position: Position;
      /** Fields that are known but not supported yet, and similar. */
      readonly warnings?: readonly string[];
    } & ApiAnswer);

export type ApiAnswer =
  | { readonly type: "object"; readonly object: ApiObject; readonly outcome?: Outcome }
  | {
      readonly type: "list";
      readonly kind: string;
      readonly items: readonly ApiObject[];
      readonly continue?: string;
      readonly remaining?: number;
    }
  | { readonly type: "watch"; readonly watch: string; readonly bookmarkMs: number }
  | { readonly type: "stream"; readonly stream: string; readonly container: string }
  | { readonly type: "events"; readonly events: readonly Positioned[]; readonly continue?: string }
  | { readonly type: "why"; readonly story: WhyNode }
  | { readonly type: "status"; readonly status: ClusterStatus };

/** One step of the answer to "why": an event and what it led from. `children` are its causes, nearest first. */
export interface WhyNode {
  readonly event?: Positioned<BerthEvent>;
  /** The step in words, e.g. `pod web-7f2 was bound to n2 by the scheduler: best of 3 (least allocated 62, spread 100)`. */
  readonly text: string;
  readonly at?: number;
  readonly children: readonly WhyNode[];
}

export interface ClusterStatus {
  readonly version: string;
  readonly prefix: string;
  readonly logId: LogId;
  readonly epoch: Epoch;
  readonly leader: string;
  readonly masters: readonly {
    readonly id: string;
    readonly leader: boolean;
    readonly position: Position;
    readonly version: string;
    readonly startedAt: number;
  }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly state: "Ready" | "Suspected" | "Lost" | "Unknown";
    readonly lastSeenMs?: number;
    readonly pods: number;
    readonly runtime: string;
    readonly agentVersion: string;
    readonly inSync: boolean;
  }[];
  readonly log: {
    readonly stream: string;
    readonly firstSequence: number;
    readonly lastSequence: number;
    readonly bytes: number;
    readonly replicas: number;
    readonly events: Position;
    readonly skippedCommits: number;
    readonly since: number;
  };
  readonly nats: { readonly version: string; readonly url: string };
  /** Conditions that need a person: mass silence, paced replacement, a lost tail, a refused level. */
  readonly notices: readonly string[];
}

/** Messages of a watch, on its `deliver` subject, numbered from 1 without gaps; a gap means resume by position. */
export type WatchMessage = {
  readonly version: 1;
  readonly watch: string;
  readonly number: number;
  readonly position: Position;
} & (
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: ApiObject }
  | { readonly type: "BOOKMARK" }
  | { readonly type: "ERROR"; readonly error: Failure }
);
export const watchBookmarkMs = 1000;
/** A watch's client says so on this subject suffix (`<deliver>.alive`) at least this often, or the watch ends. */
export const watchAliveMs = 15_000;

/** Frames on a stream's `out` (agent -> client) and `in` (client -> agent) subjects, numbered from 1 in each direction. */
export type StreamFrame = { readonly number: number } & (
  | { readonly type: "data"; readonly channel: "stdout" | "stderr" | "stdin"; readonly data: Uint8Array }
  /** Frames up to `upTo` are consumed: the sender may have `streamWindow` data frames beyond it under way. */
  | { readonly type: "ack"; readonly upTo: number }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "end-of-input" }
  /** Last frame. `exitCode` for exec. */
  | { readonly type: "end"; readonly exitCode?: number; readonly error?: Failure }
);
export const streamWindow = 64;
export const streamFrameBytes = 64 * 1024;
