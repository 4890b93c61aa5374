import { expect, test } from "vitest";

import { silentLogger } from "../memory/silent-logger.ts";
import { createSystemWorld } from "../real/system-world.ts";
import { checkVersion, connectNats } from "./connect.ts";

test("refuses servers older than 2.12.7, and says so", () => {
  for (const version of ["2.12.7", "2.12.10", "2.13.0", "2.14.0-RC.1", "2.15.1", "3.0.0"]) {
    expect(() => checkVersion(version), version).not.toThrow();
  }
  for (const version of ["2.9.10", "2.12.6", "1.99.99", "unknown", ""]) {
    expect(() => checkVersion(version), version).toThrow(/too old: Berth needs 2\.12\.7 or later/);
  }
});

test("says when no server is there", async () => {
  const world = createSystemWorld(silentLogger);
  await expect(connectNats({ servers: "nats://127.0.0.1:1", name: "test" }, world)).rejects.toMatchObject({
    code: "Disconnected",
    message: expect.stringContaining("127.0.0.1:1"),
  });
});
