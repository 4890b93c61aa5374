// From a command to the events that it leads to, or a refusal. Pure: the clock, ids and chance come in through
// the context, and the state is only read.

import {
  assertNever,
  type BerthEvent,
  type CommandEnvelope,
  type Result,
  success,
} from "../../protocol/mod.ts";
import type { ClusterState, DecideContext, Decision } from "./contract.ts";
import { autoscaleTarget } from "./decide-autoscale.ts";
import { decideDelete } from "./decide-delete.ts";
import { evictPod } from "./decide-eviction.ts";
import { recoverNode, registerNode, reportNode, setTaints, silentNode } from "./decide-nodes.ts";
import { confirmLeases, fenceNode, markPodUnreachable } from "./decide-fencing.ts";
import { bindClaim, createClaim, reportVolume, setClaimOwner } from "./decide-claims.ts";
import { countJobPods } from "./decide-job.ts";
import { changeObject, createOwned } from "./decide-owned.ts";
import { removeFinalizer, removeObject, setEndpoints, updateStatus } from "./decide-objects.ts";
import {
  adoptPod,
  bindPod,
  createPods,
  deletePod,
  failPod,
  refusePod,
  releasePod,
  releaseTermination,
} from "./decide-pods.ts";
import { preemptPods } from "./decide-preemption.ts";
import { reportPods } from "./decide-reports.ts";
import { decideCreate } from "./decide-create.ts";
import { changeSecret, createSecret, patchSecret } from "./decide-secret.ts";
import { decideApply } from "./decide-apply.ts";
import { decidePatch, decideReplace } from "./decide-update.ts";
import { type Deciding, startDeciding } from "./deciding.ts";

export function decide(
  state: ClusterState,
  envelope: CommandEnvelope,
  context: DecideContext,
): Result<Decision> {
  const { id } = envelope;
  const known = id === undefined ? undefined : state.commandResult(id);
  if (known && !known.ok) return known;
  if (known) return success({ events: [], outcome: known.outcome, object: known.object });
  const deciding = startDeciding(state, envelope, context);
  const result = decideCommand(deciding, envelope);
  if (!result.ok || id === undefined || result.value.events.length === 0) return result;
  const { events, outcome, object } = result.value;
  if (!outcome || !object) return result;
  const completed: BerthEvent = {
    ...deciding.header,
    type: "CommandCompleted",
    command: id,
    result: { ok: true, outcome, object },
  };
  return success({ ...result.value, events: [...events, completed] });
}

const isSecret = ({ object }: { readonly object: { readonly kind: string } }): boolean =>
  object.kind === "Secret";

function decideCommand(deciding: Deciding, { command }: CommandEnvelope): Result<Decision> {
  switch (command.type) {
    case "CreateObject":
      return isSecret(command) ? createSecret(deciding, command) : decideCreate(deciding, command);
    case "ReplaceObject":
      return isSecret(command) ? changeSecret(deciding, command) : decideReplace(deciding, command);
    case "ApplyObject":
      return isSecret(command) ? changeSecret(deciding, command) : decideApply(deciding, command);
    case "PatchObject":
      return command.kind === "Secret" ? patchSecret(deciding, command) : decidePatch(deciding, command);
    case "DeleteObject":
      return decideDelete(deciding, command);
    case "EvictPod":
      return evictPod(deciding, command);
    case "CreatePods":
      return createPods(deciding, command);
    case "FenceNode":
      return fenceNode(deciding, command);
    case "CountJobPods":
      return countJobPods(deciding, command);
    case "MarkPodUnreachable":
      return markPodUnreachable(deciding, command);
    case "CreateOwned":
      return createOwned(deciding, command);
    case "ChangeObject":
      return changeObject(deciding, command);
    case "Autoscale":
      return autoscaleTarget(deciding, command);
    case "DeletePod":
      return deletePod(deciding, command);
    case "AdoptPod":
      return adoptPod(deciding, command);
    case "ReleasePod":
      return releasePod(deciding, command);
    case "ReleaseTermination":
      return releaseTermination(deciding, command);
    case "BindClaim":
      return bindClaim(deciding, command);
    case "CreateClaim":
      return createClaim(deciding, command);
    case "SetClaimOwner":
      return setClaimOwner(deciding, command);
    case "ReportVolume":
      return reportVolume(deciding, command);
    case "FailPod":
      return failPod(deciding, command);
    case "BindPod":
      return bindPod(deciding, command);
    case "PreemptPods":
      return preemptPods(deciding, command);
    case "RefusePod":
      return refusePod(deciding, command);
    case "UpdateStatus":
      return updateStatus(deciding, command);
    case "SetEndpoints":
      return setEndpoints(deciding, command);
    case "RemoveObject":
      return removeObject(deciding, command);
    case "RemoveFinalizer":
      return removeFinalizer(deciding, command);
    case "SetTaints":
      return setTaints(deciding, command);
    case "RegisterNode":
      return registerNode(deciding, command);
    case "SuspectNode":
    case "LoseNode":
      return silentNode(deciding, command);
    case "RecoverNode":
      return recoverNode(deciding, command);
    case "ConfirmLeases":
      return confirmLeases(deciding, command);
    case "ReportPods":
      return reportPods(deciding, command);
    case "ReportNode":
      return reportNode(deciding, command);
    default:
      return assertNever(command, "command");
  }
}
