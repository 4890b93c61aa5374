// One client's command in a turn: retries are recognised, late ones refused, and the answer is made of the state that
// the command left behind.

import type { Ids } from "../actors/mod.ts";
import {
  type ApiObject,
  type ApiReply,
  type CommandId,
  type Failure,
  type ObjectRef,
  type Outcome,
} from "../protocol/mod.ts";
import type { ClusterState } from "./cluster/contract.ts";
import type { CommandInput } from "./cluster-message.ts";
import { withoutValues } from "./secrets/mod.ts";
import type { Turn } from "./turn.ts";

/** How long results of commands are folded state; a later retry cannot be told from a new command. */
export const commandMemoryMs = 15 * 60_000;

export interface CommandRun {
  readonly state: ClusterState;
  readonly turn: Turn;
  readonly input: CommandInput;
  readonly now: number;
  readonly ids: Ids;
}

export function runCommand({ state, turn, input, now, ids }: CommandRun): ApiReply {
  const { envelope } = input.mutation;
  const known = envelope.id !== undefined && state.commandResult(envelope.id) !== undefined;
  if (!known && input.sentAt !== undefined && now - input.sentAt > commandMemoryMs) {
    return refused({ code: "CommandTooOld", message: tooOldText(now - input.sentAt) });
  }
  const before = presentObject(state, input);
  const id = envelope.id ?? (ids.uuid() as CommandId);
  const result = turn.run({ ...envelope, id });
  if (!result.ok) return refused(result.error);
  const { outcome = "unchanged", object: about, preview, warnings } = result.value;
  const object = preview ?? (about && state.render(about.kind, about.namespace, about.name)) ?? before;
  if (object) return answered(state, object, outcome, warnings);
  if (about) return answered(state, gone(about), outcome, warnings);
  return refused({ code: "Internal", message: "the command left no object to answer with" });
}

const tooOldText = (ageMs: number): string =>
  `the command was first sent ${Math.round(ageMs / 60_000)} minutes ago, and retries are known for 15; look whether it took effect, and send a new one if not`;

/** A deletion may leave nothing behind; then the answer shows what was there. */
function presentObject(state: ClusterState, { mutation }: CommandInput): ApiObject | undefined {
  const { command } = mutation.envelope;
  if (command.type === "EvictPod") return state.render("Pod", command.namespace, command.name);
  if (command.type !== "DeleteObject") return undefined;
  return state.render(command.kind, command.namespace, command.name);
}

/** What a retry is shown of an object that is gone since. */
const gone = ({ kind, namespace, name, uid }: ObjectRef): ApiObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, uid, ...(namespace !== undefined && { namespace }) },
});

const answered = (
  state: ClusterState,
  object: ApiObject,
  outcome: Outcome,
  warnings: readonly string[] | undefined,
): ApiReply => ({
  ok: true,
  version: 1,
  position: state.position,
  type: "object",
  object: withoutValues(object),
  outcome,
  ...(warnings && warnings.length > 0 && { warnings }),
});

const refused = (error: Failure): ApiReply => ({ ok: false, version: 1, error });

export const tooManyRequests = (waiting: number): ApiReply =>
  refused({
    code: "TooManyRequests",
    message: `${waiting} commands wait already; send it again later, with the same command id`,
  });

export const noLeader: ApiReply = refused({
  code: "NoLeader",
  message:
    "this master lost the leadership before the command was accepted; it took no effect, send it again",
});
