// What the agent's actor is told: messages of the leader, of its pods, of its timers.

import type { ReplyTo } from "../actors/mod.ts";
import type {
  AssignMessage,
  LeaseMessage,
  LogId,
  PodReport,
  StatusCommittedMessage,
  SupersededMessage,
} from "../protocol/mod.ts";
import type { PressureType } from "./pressure/signals.ts";
import type { RegistrationAnswer } from "./registration.ts";

export type AgentMessage =
  | { readonly type: "register" }
  | { readonly type: "registration"; readonly answer: RegistrationAnswer }
  | { readonly type: "assign"; readonly message: AssignMessage }
  | { readonly type: "status-committed"; readonly message: StatusCommittedMessage }
  | { readonly type: "superseded"; readonly message: SupersededMessage }
  | { readonly type: "lease"; readonly message: LeaseMessage }
  /** A ping came from a leader on this log. */
  | { readonly type: "log-seen"; readonly logId: LogId }
  | { readonly type: "pod-report"; readonly report: PodReport }
  | { readonly type: "pod-left" }
  | { readonly type: "runtime-health"; readonly error: string | undefined }
  | { readonly type: "pressure"; readonly conditions: ReadonlySet<PressureType> }
  | { readonly type: "connected" }
  | { readonly type: "heartbeat" }
  | { readonly type: "send-reports" }
  | { readonly type: "save" }
  | { readonly type: "sweep" }
  | { readonly type: "swept"; readonly error: Error | undefined }
  /** The leader has been waited for long enough: what is wanted by the record may start. */
  | { readonly type: "start-alone" }
  /** Stop and remove every pod; answered when the last is gone. */
  | { readonly type: "remove-pods"; readonly replyTo: ReplyTo<void> };
