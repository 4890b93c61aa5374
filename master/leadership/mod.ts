// Who leads: when to claim, what a claim says, the leader's time.
export { type ClusterConfig, draftClaim, draftStandDown } from "./claim.ts";
export { createElection, defaultElectionTimes, type Election, type ElectionTimes } from "./election.ts";
export { createLeaderTime, whyClockIsOff } from "./leader-time.ts";
