// --local: what set and patch make of a manifest, without a cluster.

import { expect, test } from "vitest";
import { terminal } from "../testkit/terminal.ts";

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template: { spec: { containers: [{ name: web, image: web:1 }, { name: side, image: side:1 }] } }
`;
const containers = ".spec.template.spec.containers";
const shown = (path: string): string[] => ["--local", "-f", "-", "-o", `jsonpath={${path}}`];

test.each<[string, string[], string]>([
  ["set image", ["set", "image", "web=web:2", ...shown(`${containers}[*].image`)], "web:2 side:1"],
  ["set env", ["set", "env", "A=b", "-c", "side", ...shown(`${containers}[*].env[0].value`)], "b"],
  [
    "set resources",
    ["set", "resources", "--limits=cpu=1", "-c", "web", ...shown(`${containers}[*].resources.limits.cpu`)],
    "1",
  ],
  [
    "a strategic patch merges containers by name",
    [
      "patch",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}',
      ...shown(`${containers}[*].image`),
    ],
    "web:1 side:2",
  ],
  [
    "a merge patch replaces them",
    [
      "patch",
      "--type=merge",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:2"}]}}}}',
      ...shown(`${containers}[*].image`),
    ],
    "side:2",
  ],
  [
    "a json patch",
    [
      "patch",
      "--type=json",
      "-p",
      '[{"op":"add","path":"/spec/replicas","value":3}]',
      ...shown(".spec.replicas"),
    ],
    "3",
  ],
])("%s", async (_what, argv, wanted) => {
  const { run, out, err, connected } = terminal(() => () => "silence", { stdin: web });
  expect([await run(argv), out(), err()]).toEqual([0, wanted, ""]);
  expect(connected).toEqual([]);
});

test.each<[string[], RegExp]>([
  [["set", "image", "deploy/web", "web=web:2", "--local"], /name them with -f/],
  [["set", "image", "nope=x", "--local", "-f", "-"], /has no container named nope/],
  [["patch", "--type=json", "-p", "[{}]", "--local", "-f", "-"], /op/],
  [["patch", "-p", "[]", "--local", "-f", "-"], /a strategic patch is an object/],
])("refuses %j", async (argv, message) => {
  const { run, err } = terminal(() => () => "silence", { stdin: web });
  expect(await run(argv)).toBeGreaterThan(0);
  expect(err()).toMatch(message);
});
