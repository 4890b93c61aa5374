// The contract test that every driver passes: what the pods' state machines rely on, in words that know no driver.
// A driver's test file calls describeRuntimeContract with a harness.

import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { describeAgents } from "./contract/agents.ts";
import { ContractBench, type ContractHarness } from "./contract/bench.ts";
import { describeInside } from "./contract/inside.ts";
import { describeLifeCycle } from "./contract/life-cycle.ts";
import { describeOutput } from "./contract/output.ts";
import { describeStorage } from "./contract/storage.ts";

export type { ContractHarness } from "./contract/bench.ts";
export { type ContractProgram, shellCommand } from "./contract/programs.ts";

/** Engines can be slow where several tests share them; no test counts on speed. */
const hookMs = 60_000;

export function describeRuntimeContract(harness: ContractHarness): void {
  describe(`${harness.name} runtime`, { timeout: hookMs }, () => {
    const bench = new ContractBench(harness);
    beforeAll(() => bench.open(), hookMs);
    afterEach(() => bench.clear(), hookMs);
    afterAll(() => bench.close(), hookMs);
    describeLifeCycle(bench);
    describeOutput(bench);
    describeAgents(bench);
    describeInside(bench);
    describeStorage(bench);
  });
}
