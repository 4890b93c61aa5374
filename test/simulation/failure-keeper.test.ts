// What a campaign keeps of a seed that failed can be run again as it is.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FailureKeeper } from "./failure-keeper.ts";
import { drawPlan } from "./plan.ts";
import { runPlan } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "berth-kept-"));
afterEach(() => rmSync(folder, { recursive: true }));

test("the plan of a failed seed is on disk at once, with what was wrong", async () => {
  const plan = drawPlan(4);
  const result = await runPlan(plan, { untilMs: 1_000 });
  const keeper = new FailureKeeper(folder);
  const file = keeper.keep({ ...result, failure: { name: "a rule", message: "it was broken", atMs: 1 } });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    note: "it was broken",
    plan: JSON.parse(JSON.stringify(plan)),
  });
  // It holds, so there is nothing to make smaller.
  await keeper.done();
}, 120_000);
