import { expect, test } from "vitest";
import { checkBoundaries, problemsOf } from "./boundaries.ts";

const root = "/project";

test("a forbidden direction is named", () => {
  const text = 'import { x } from "../../master/mod.ts";\n';
  expect(problemsOf(root, "node-agent/pods/pod.ts", text)).toEqual([
    "node-agent/pods/pod.ts imports master/mod.ts: node-agent may not depend on master",
  ]);
});

test("a folder is entered through its mod.ts", () => {
  const text = 'import {\n  x,\n} from "../protocol/ids.ts";\n';
  expect(problemsOf(root, "master/turn.ts", text)).toHaveLength(1);
  expect(problemsOf(root, "master/turn.ts", text.replace("ids", "mod"))).toEqual([]);
});

test("only cli/daemons reaches the master and the agent", () => {
  const text = 'import { startMaster } from "../../master/mod.ts";\n';
  expect(problemsOf(root, "cli/commands/get.ts", text)).toHaveLength(1);
  expect(problemsOf(root, "cli/daemons/master.ts", text)).toEqual([]);
});

test("this project keeps to its own rules", () => {
  const report = checkBoundaries(new URL("../..", import.meta.url).pathname.replace(/\/$/, ""));
  expect(report.modules).toBeGreaterThan(50);
  expect(report.problems).toEqual([]);
});
