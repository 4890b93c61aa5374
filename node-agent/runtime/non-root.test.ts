import { expect, test } from "vitest";
import { checkNonRoot } from "./non-root.ts";
import type { ContainerSpec } from "./runtime.ts";

const spec = (nonRoot: boolean): ContainerSpec => ({
  name: "main",
  attempt: 0,
  image: "web:1",
  command: [],
  args: [],
  environment: [],
  mounts: [],
  resources: {},
  tty: false,
  stdin: false,
  security: { nonRoot },
});

test.each([
  ["", "web:1 runs as root"],
  ["0", "web:1 runs as root"],
  ["0:1000", "web:1 runs as root"],
  ["root:web", "web:1 runs as root"],
  ["web", 'names its user "web"'],
])("an image of the user %j is refused", (user, why) => {
  expect(() => checkNonRoot(spec(true), user)).toThrow(why);
  expect(() => checkNonRoot(spec(false), user)).not.toThrow();
});

test.each(["1000", "65532:65532"])("an image of the user %j is fine", (user) => {
  expect(() => checkNonRoot(spec(true), user)).not.toThrow();
});
