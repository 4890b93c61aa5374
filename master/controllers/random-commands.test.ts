// Properties over random scripts of commands, failures and time.

import fc from "fast-check";
import { expect, test } from "vitest";
import { checkInvariants } from "../cluster/invariants.ts";
import { isFinished, replicatorSpecOf } from "../cluster/mod.ts";
import { commandScript, play } from "./random-commands.ts";
import { activePods, settle } from "./settling.ts";

const options = { numRuns: 60, seed: 11 };

test("no command over-commits a node, binds a pod twice or leaves an index behind", () => {
  fc.assert(
    fc.property(commandScript, (script) => {
      play(script, checkInvariants);
    }),
    options,
  );
});

test("after the last command the control loops reach what was asked for, and fall silent", () => {
  fc.assert(
    fc.property(commandScript, (script) => {
      const given = play(script, undefined, true);
      checkInvariants(given);
      const { state } = given;
      const length = given.log.length;
      state.markAllDirty();
      settle(given);
      expect(given.since(length), "silent").toEqual([]);
      for (const kind of ["ReplicationController", "ReplicaSet"]) {
        for (const row of state.objects(kind)) {
          const active = [...state.podsOwnedBy(row.ref.uid)].filter(
            (pod) => !isFinished(pod) && !pod.deletion,
          );
          expect(active.length).toBe(replicatorSpecOf(row.value).replicas);
          expect(row.status["replicas"]).toBe(active.length);
        }
      }
      for (const pod of state.pods()) {
        if (pod.owner !== undefined) expect(state.refOf(pod.owner)).toBeDefined();
      }
      expect(activePods(state)).toBeLessThanOrEqual(state.podCount);
    }),
    options,
  );
});
