// Avoids nodes with PreferNoSchedule taints that the pod does not tolerate.

import { tolerates } from "../../cluster/mod.ts";
import type { Score } from "./score.ts";

export const preferredTaints: Score = {
  name: "taints",
  weight: 3,
  prepare:
    ({ spec }) =>
    ({ row }) => {
      let untolerated = 0;
      for (const taint of row.taints) {
        if (taint.effect === "PreferNoSchedule" && !tolerates(spec.tolerations, taint)) untolerated++;
      }
      return 100 / (1 + untolerated);
    },
};
