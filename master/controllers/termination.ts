// Lets a pod's node stop it, once endpoints no longer lead to it or two seconds have passed.
// That every node has let go of it is said by nodes/, which hears the agents' acknowledgements.

import type { Reconcile } from "../cluster/mod.ts";
import { terminationWaitMs } from "../cluster/mod.ts";

export const reconcileTermination: Reconcile = (state, uid, now) => {
  const pod = state.pod(uid);
  if (!pod?.deletion || pod.deletion.released) return [];
  const { serving, requestedAt, position: cause } = pod.deletion;
  const waited = now >= requestedAt + terminationWaitMs;
  if (serving && !waited) return [];
  const reason = serving ? "WaitEnded" : "NotServing";
  const command = { type: "ReleaseTermination", pod: pod.ref, reason } as const;
  return [{ by: "controller:termination", cause, command }];
};
