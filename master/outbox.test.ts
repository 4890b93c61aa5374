import { expect, test } from "vitest";
import type { Position } from "../protocol/mod.ts";
import { createOutbox, type Responder } from "./outbox.ts";

test("effects go out in order, each once, and only when what they rest on is accepted", () => {
  const said: string[] = [];
  const outbox = createOutbox((subject) => said.push(subject));
  const to: Responder = { respond: () => said.push("reply"), abandon: () => said.push("abandoned") };
  outbox.add(1 as Position, { type: "publish", subject: "a", message: {} });
  outbox.add(3 as Position, { type: "reply", to, reply: {} });
  outbox.add(3 as Position, { type: "publish", subject: "b", message: {} });
  outbox.add(5 as Position, { type: "reply", to, reply: {} });
  outbox.release(2 as Position);
  expect(said).toEqual(["a"]);
  outbox.release(4 as Position);
  expect(said).toEqual(["a", "reply", "b"]);
  outbox.drop();
  outbox.release(9 as Position);
  expect(said).toEqual(["a", "reply", "b", "abandoned"]);
});
