// What every decision starts from: the state, the command's envelope, and the header of its events.

import type {
  ApiObject,
  BerthEvent,
  CommandEnvelope,
  EventHeader,
  ObjectRef,
  Outcome,
  Result,
} from "../../protocol/mod.ts";
import { failure, kindInfo, success } from "../../protocol/mod.ts";
import type { ClusterState, DecideContext, Decision } from "./contract.ts";

export interface Deciding {
  readonly state: ClusterState;
  readonly context: DecideContext;
  readonly header: EventHeader;
  readonly now: number;
}

export function startDeciding(
  state: ClusterState,
  { id, by, cause: before }: CommandEnvelope,
  context: DecideContext,
): Deciding {
  const now = Math.max(context.now, state.at);
  const cause = id ?? before;
  const header: EventHeader = { version: 1, at: now, by, ...(cause !== undefined && { cause }) };
  return { state, context, header, now };
}

/** Nothing to do, nothing wrong. */
export const unchanged: Result<Decision> = success({ events: [] });

export const decided = (events: readonly BerthEvent[]): Result<Decision> => success({ events });

export interface Told {
  readonly events: readonly BerthEvent[];
  readonly outcome: Outcome;
  readonly object: ObjectRef;
  readonly preview?: ApiObject | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** The decision on a user's command; a dry run keeps the outcome and drops the events. */
export function told({ events, outcome, object, preview, warnings }: Told, dryRun = false): Result<Decision> {
  return success({
    events: dryRun ? [] : events,
    outcome,
    object,
    ...(dryRun && preview && { preview }),
    ...(warnings && warnings.length > 0 && { warnings }),
  });
}

export const nameOf = ({ kind, namespace, name }: Omit<ObjectRef, "uid">): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;

/** In the words of Kubernetes, as reads say it too. */
export function notFound({ kind, namespace, name }: Omit<ObjectRef, "uid">): Result<never> {
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return failure("NotFound", `${kindInfo(kind)?.resource ?? kind} ${JSON.stringify(name)} not found${where}`);
}
