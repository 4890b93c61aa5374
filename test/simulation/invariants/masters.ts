// Masters against the log: what each has folded is what the log says.

import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

export const mastersAgreeWithTheLog: MakeInvariant = (cluster): Invariant => {
  const name = "every master's state is the fold of the log";
  return {
    name,
    checkpoint(moment) {
      const { oracle } = cluster;
      let expected: string | undefined;
      // Hashing everything is costly: one master at a time, all of them in the end.
      const places = moment === "settled" ? cluster.masters : [cluster.draw.pick(cluster.masters)];
      for (const { name: place, master, process } of places) {
        if (!master || !process?.alive) continue;
        must(
          master.position <= oracle.position,
          name,
          () => `${place} is at position ${master.position}, the log at ${oracle.position}`,
        );
        // A leader's state is ahead of the log while it appends: it is compared when all is quiet.
        const comparable = moment === "settled" || master.standing === "following";
        if (!comparable || master.position !== oracle.position) continue;
        expected ??= oracle.state.digest();
        const found = master.stateDigest();
        must(
          found === expected,
          name,
          () => `${place} (${master.standing}) has folded something else at ${oracle.position}`,
        );
        cluster.coverage.mark("digests compared");
      }
    },
  };
};
