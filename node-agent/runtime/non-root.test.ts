import { expect, test } from "vitest";
import { testContainer } from "../testkit/runtime-fixture.ts";
import { checkNonRoot } from "./non-root.ts";

const spec = (nonRoot: boolean) => testContainer({ security: { nonRoot } });

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
