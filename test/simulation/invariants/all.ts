// Every invariant that is checked.

import {
  foreignContainersAreLeftAlone,
  graceIsGiven,
  runsOnce,
  stoppedOnlyWhenToldTo,
} from "./containers.ts";
import type { MakeInvariant } from "./invariant.ts";
import {
  changesSayWhoAndWhy,
  commandsTakeEffectOnce,
  objectsLiveOnce,
  oneWriterPerEpoch,
  persistBeforeSpeaking,
  whoCannotReadMayNotWrite,
} from "./log.ts";
import { agentsGoForward, agentsHaveWhatTheyWereTold } from "./assignments.ts";
import { everythingStaysBounded } from "./bounds.ts";
import { mastersAgreeWithTheLog } from "./masters.ts";
import {
  boundOnce,
  endpointsLeaveFirst,
  nodesHoldWhatTheyCan,
  phasesGoForward,
  placedWhereAllowed,
} from "./pods.ts";
import { targetsStayInRange } from "./autoscalers.ts";
import { evictionsKeepBudgets } from "./budgets.ts";
import { configsAreSeenWhole, secretsStaySealed } from "./configs.ts";
import { runsAreMadeOnce } from "./cron-jobs.ts";
import { daemonsKeepTheirPlaces } from "./daemon-sets.ts";
import { rolloutsKeepTheirBounds } from "./deployments.ts";
import { jobsCountExactly } from "./jobs.ts";
import {
  evictionsHaveAReason,
  fullHostsGetNothingNew,
  fullHostsLetPodsGoInOrder,
  whatGoesLeavesTheDisk,
} from "./pressure.ts";
import { endpointsLeadToTheReady, restartsBackOff, theUnwellAreRestarted } from "./probes.ts";
import { pullsBackOff } from "./images.ts";
import { lesserPodsMakeWay } from "./priorities.ts";
import { guardsEndOnlyLeases, nobodyRunsWithoutALease } from "./leases.ts";
import { nothingIsLeftWithoutAnOwner } from "./leftovers.ts";
import { replicasStayWithinBounds } from "./replication.ts";
import { identitiesRunOnce, ordinalsInOrder } from "./stateful-sets.ts";
import { claimsKeepTheirData } from "./volumes.ts";

export const invariants: readonly MakeInvariant[] = [
  oneWriterPerEpoch,
  commandsTakeEffectOnce,
  changesSayWhoAndWhy,
  objectsLiveOnce,
  persistBeforeSpeaking,
  whoCannotReadMayNotWrite,
  agentsGoForward,
  agentsHaveWhatTheyWereTold,
  boundOnce,
  endpointsLeaveFirst,
  endpointsLeadToTheReady,
  nodesHoldWhatTheyCan,
  placedWhereAllowed,
  phasesGoForward,
  replicasStayWithinBounds,
  rolloutsKeepTheirBounds,
  daemonsKeepTheirPlaces,
  ordinalsInOrder,
  jobsCountExactly,
  runsAreMadeOnce,
  claimsKeepTheirData,
  targetsStayInRange,
  evictionsKeepBudgets,
  lesserPodsMakeWay,
  fullHostsLetPodsGoInOrder,
  evictionsHaveAReason,
  fullHostsGetNothingNew,
  whatGoesLeavesTheDisk,
  configsAreSeenWhole,
  secretsStaySealed,
  stoppedOnlyWhenToldTo,
  graceIsGiven,
  runsOnce,
  theUnwellAreRestarted,
  restartsBackOff,
  pullsBackOff,
  identitiesRunOnce,
  nobodyRunsWithoutALease,
  guardsEndOnlyLeases,
  foreignContainersAreLeftAlone,
  nothingIsLeftWithoutAnOwner,
  mastersAgreeWithTheLog,
  everythingStaysBounded,
];
