// Folds a whole log from its first commit, apart from every running master.

import type { EventLog } from "../../actors/mod.ts";
import type { ClusterState } from "../../master/cluster/contract.ts";
import { createClusterState, evolve } from "../../master/cluster/mod.ts";
import { decodeCommit, emptyChain, link } from "../../master/journal/mod.ts";
import type { Position, Sequence } from "../../protocol/mod.ts";

export async function foldLog(log: EventLog): Promise<ClusterState> {
  const state = createClusterState();
  const { lastSequence } = await log.info();
  let chain = emptyChain;
  let failed: ((error: Error) => void) | undefined;
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });
  const reader = log.read({
    fromSequence: 1,
    onError: (error) => failed?.(error),
    onEntry: ({ sequence, data }) => {
      const commit = decodeCommit(data);
      if (!commit.ok) throw new Error(`sequence ${sequence} is no commit: ${commit.error.message}`);
      const verdict = link(chain, sequence as Sequence, commit.value);
      chain = verdict.chain;
      if (!verdict.accepted) return;
      for (const [index, event] of commit.value.events.entries()) {
        evolve(state, { ...event, position: (commit.value.firstPosition + index) as Position });
      }
    },
  });
  await Promise.race([reader.caughtUp(lastSequence), failure]);
  await reader.stop();
  return state;
}
