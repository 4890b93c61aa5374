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
} from "./log.ts";
import { mastersAgreeWithTheLog, memoryStaysBounded } from "./masters.ts";
import {
  boundOnce,
  endpointsLeaveFirst,
  nodesHoldWhatTheyCan,
  phasesGoForward,
  placedWhereAllowed,
  replicasStayWithinBounds,
} from "./pods.ts";

export const invariants: readonly MakeInvariant[] = [
  oneWriterPerEpoch,
  commandsTakeEffectOnce,
  changesSayWhoAndWhy,
  objectsLiveOnce,
  persistBeforeSpeaking,
  boundOnce,
  endpointsLeaveFirst,
  nodesHoldWhatTheyCan,
  placedWhereAllowed,
  phasesGoForward,
  replicasStayWithinBounds,
  stoppedOnlyWhenToldTo,
  graceIsGiven,
  runsOnce,
  foreignContainersAreLeftAlone,
  mastersAgreeWithTheLog,
  memoryStaysBounded,
];
