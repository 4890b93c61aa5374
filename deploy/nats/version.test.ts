import { expect, test } from "vitest";
import { isSupportedServer, parseServerVersion } from "./version.ts";

test.each([
  ["nats-server: v2.15.1", true],
  ["nats-server: v2.12.7", true],
  ["nats-server: v2.12.6", false],
  ["2.9.10", false],
  ["3.0.0", true],
])("%s is supported: %s", (text, supported) => {
  const version = parseServerVersion(text);
  expect(version && isSupportedServer(version)).toBe(supported);
});

test("text without a version has none", () => {
  expect(parseServerVersion("command not found")).toBeUndefined();
});
