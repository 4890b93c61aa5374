// Hostile manifests on the command line: each is refused in words that fit a terminal, and nothing is written.

import { describe, expect, test } from "vitest";
import { runProgram } from "../../support/run-program.ts";
import { hostileCluster } from "./hostile-cluster.ts";

const hostile = hostileCluster(216);

describe("manifests on the command line", () => {
  const berth = (input: string): Promise<{ code: number | null; out: string; err: string }> =>
    runProgram("cli/main.ts", ["-s", hostile.cluster.url, "apply", "-f", "-"], input);
  const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: bad\n";
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n`;
  const manyKeys = Array.from({ length: 60_000 }, (_, index) => `    k${index}: "1"\n`).join("");

  test.each([
    ["duplicate keys", `${head}  name: worse\n`, /line|:5/],
    ["a bomb of aliases", `${head}${bomb}`, /alias/i],
    ["not a number", `${head}spec: {terminationGracePeriodSeconds: .nan}\n`, /nan|number/i],
    ["infinity", `${head}spec: {terminationGracePeriodSeconds: 1e999}\n`, /1e999|number|infin/i],
    ["depth", `${head}spec: ${"[".repeat(5000)}${"]".repeat(5000)}\n`, /deep/],
    ["JSON of depth a million", `{"a":${"[".repeat(1_000_000)}`, /deep/],
    ["60,000 keys", `${head}  annotations:\n${manyKeys}spec: 7\n`, /spec|values/],
    ["5 MB", `${head}  annotations: {big: "${"x".repeat(5_000_000)}"}\n`, /bytes/],
    ["a tag that builds something", `${head}spec: !!js/function "() => 1"\n`, /./],
    ["a control character", `${head}  namespace: "\\e[2Jx"\n`, /namespace/],
    ["no YAML", "{[}", /./],
    ["a scalar", "hello\n", /./],
    ["nothing", "", /no objects/],
  ])("%s", async (_, manifest, words) => {
    const { code, out, err } = await berth(manifest);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(words);
    expect(err.length).toBeLessThan(4000);
    expect(err).not.toMatch(/\n\s+at /);
    expect(err).not.toContain("\u001b[2J");
    await hostile.expectNothingWritten();
  });
});
