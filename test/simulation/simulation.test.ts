// The simulation as part of the tests: that a seed is a run, the kept failures of former days, a fixed set of seeds, and
// a fresh one that nobody has tried. `npm run simulate` runs more of those, as many as one has time for.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { freshSeed, replayable, reportResult } from "./report.ts";
import { runPlan } from "./run.ts";

const fixedSeeds = { from: 1, count: 90 };
/** Drawn from the clock, and named by the test: whoever sees one fail has it again with the command beside it. */
const freshSeeds = { from: freshSeed(Date.now()), count: 25 };
/** Far beyond what it takes: a slow machine is no failure. */
const limitMs = 600_000;
const keptFolder = join(import.meta.dirname, "seeds");

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Kept {
  readonly note: string;
  readonly plan: Plan;
}

describe("a whole cluster on virtual time", () => {
  test(
    "the same seed is the same run, to the last event, and begins nothing that is not simulated",
    async () => {
      for (const seed of [3, 11, 29]) {
        const [one, other] = [await runPlan(drawPlan(seed)), await runPlan(drawPlan(seed), { strict: true })];
        expect([one.failure, other.failure]).toEqual([undefined, undefined]);
        expect([other.hash, other.events, other.commits]).toEqual([one.hash, one.events, one.commits]);
      }
    },
    limitMs,
  );

  test(
    "nothing is kept of a run that is over",
    async () => {
      const heapAfter = async (runs: number): Promise<number> => {
        for (let run = 0; run < runs; run++) await runPlan(drawPlan(3));
        collectGarbage();
        return process.memoryUsage().heapUsed;
      };
      const before = await heapAfter(2);
      expect((await heapAfter(4)) - before).toBeLessThan(5 * 2 ** 20);
    },
    limitMs,
  );

  test.each(readdirSync(keptFolder).filter((name) => name.endsWith(".json")))(
    "holds where it failed: %s",
    async (name) => {
      const { plan } = JSON.parse(readFileSync(join(keptFolder, name), "utf8")) as Kept;
      const result = await runPlan(plan);
      expect(result.failure && reportResult(result)).toBeUndefined();
    },
    limitMs,
  );

  test(
    `seeds ${fixedSeeds.from} to ${fixedSeeds.from + fixedSeeds.count - 1} hold`,
    async () => {
      const totals = await runCampaign(fixedSeeds);
      expect(totals.failures.map(reportResult)).toEqual([]);
      expect(totals.coverage.events.get("PodBound")).toBeGreaterThan(0);
    },
    limitMs,
  );

  test(
    `fresh seeds ${freshSeeds.from} to ${freshSeeds.from + freshSeeds.count - 1} hold`,
    async () => {
      const totals = await runCampaign(freshSeeds);
      expect(totals.failures.map(replayable)).toEqual([]);
    },
    limitMs,
  );
});
