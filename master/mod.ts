// The control plane: any number of masters fold one log, one of them leads.
export type { LeaderStatus, Standing } from "./leader-status.ts";
export type { ClusterConfig, ElectionTimes } from "./leadership/mod.ts";
export { type DecodeCommit, decodeCommit } from "./journal/mod.ts";
export {
  defaultHeartbeatMs,
  type Master,
  type MasterOptions,
  type ReadSideChoice,
  startMaster,
} from "./start-master.ts";
