import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordFile } from "./record-file.ts";

test("a record is found again, replaced whole, and leaves nothing beside it", async () => {
  const root = mkdtempSync(join(tmpdir(), "berth-record-"));
  try {
    const store = recordFile(join(root, "agent"), "agent.json");
    expect(await store.load()).toBeUndefined();
    await store.save("one, which is longer");
    await store.save("two");
    expect(await recordFile(join(root, "agent"), "agent.json").load()).toBe("two");
    expect(readdirSync(join(root, "agent"))).toEqual(["agent.json"]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
