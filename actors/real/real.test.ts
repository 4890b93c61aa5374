import { expect, test } from "vitest";

import { cryptoIds, cryptoRandom } from "./crypto-random.ts";
import { createLogger } from "./pino-logger.ts";
import { systemClock } from "./system-clock.ts";

test("timers fire once, in order, and not when cancelled", async () => {
  const seen: string[] = [];
  systemClock.after(0, () => seen.push("cancelled"))();
  systemClock.after(1, () => seen.push("also cancelled"))();
  await new Promise<void>((resolve) => {
    systemClock.after(0, () => seen.push("at once"));
    systemClock.after(2, () => {
      seen.push("later");
      resolve();
    });
  });
  expect(seen).toEqual(["at once", "later"]);
});

test("a timer of a year does not fire at once, as Node's own would", async () => {
  let fired = false;
  const cancel = systemClock.after(365 * 24 * 3600 * 1000, () => {
    fired = true;
  });
  await systemClock.sleep(5);
  cancel();
  expect(fired).toBe(false);
});

test("sleep ends with the signal's reason, also when it was aborted before", async () => {
  const abort = new AbortController();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  abort.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await expect(systemClock.sleep(60_000, abort.signal)).rejects.toThrow("enough");
});

test("chance is uniform enough and within its bounds", () => {
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < 4_000; draw++) counts[cryptoRandom.below(4)]! += 1;
  for (const count of counts) expect(count).toBeGreaterThan(700);
  expect(cryptoIds.suffix(8)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{8}$/);
  expect(cryptoIds.uuid()).not.toBe(cryptoIds.uuid());
});

test("logs JSON with bound fields and errors, from its level on", () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: "info", pretty: false, destination }).child({ node: "n1" });
  logger.debug({}, "too quiet");
  logger.warn({ error: new Error("broken") }, "look");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "warn",
    node: "n1",
    error: { type: "Error", message: "broken" },
    msg: "look",
  });
});

test("logs for people, at once and in one line", () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  createLogger({ level: "info", pretty: true, destination }).info({ pods: 3 }, "ready");
  expect(lines.join("")).toMatch(/INFO.*ready.*"pods":3/);
});
