import { describe, expect, it } from "vitest";
import { createVirtualWorld } from "../../../actors/mod.ts";
import { CallQueue, toRuntimeError } from "./engine.ts";

const answer = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) ${message}`), { statusCode, json: { message } });

describe("the engine's errors", () => {
  it.each([
    [answer(404, "No such container: x"), "NotFound"],
    [answer(404, "No such image: web:1"), "ErrImagePull"],
    [
      answer(400, 'invalid mount config for type "bind": bind source path does not exist: /x'),
      "CreateContainerConfigError",
    ],
    [answer(400, 'exec: "/no": stat /no: no such file or directory: unknown'), "CreateContainerConfigError"],
    [answer(500, 'exec: "/x": permission denied: unknown'), "CreateContainerConfigError"],
    [answer(500, "driver failed programming external connectivity"), "RunContainerError"],
    [new Error("connect ECONNREFUSED /var/run/docker.sock"), "Unavailable"],
  ])("mean for the pod: %s", (error, code) => {
    expect(toRuntimeError(error, "starting", "RunContainerError")).toMatchObject({ code });
  });

  it("keep the engine's own words", () => {
    expect(toRuntimeError(answer(500, "no space left"), "starting x", "RunContainerError").message).toBe(
      "starting x: no space left",
    );
  });
});

describe("the queue of calls", () => {
  it("runs so many at a time, in order, and goes on after failures", async () => {
    const world = createVirtualWorld({ seed: 1 });
    const queue = new CallQueue(world.clock, 2);
    const log: string[] = [];
    let running = 0;
    const call = (name: string) => async (): Promise<void> => {
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      log.push(name);
      await world.clock.sleep(10);
      running -= 1;
      if (name === "a") throw new Error("fails");
    };
    const all = Promise.allSettled(["a", "b", "c", "d", "e"].map((name) => queue.run(call(name))));
    await world.run();
    expect((await all).map((each) => each.status)).toEqual([
      "rejected",
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
    expect(log).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("gives up on an engine that hangs, and lets the next call try", async () => {
    const world = createVirtualWorld({ seed: 1 });
    const queue = new CallQueue(world.clock, 1);
    const hanging = expect(queue.run(() => new Promise<never>(() => undefined))).rejects.toMatchObject({
      code: "Timeout",
    });
    const next = queue.run(() => Promise.resolve("answer"));
    await world.run();
    await hanging;
    expect(await next).toBe("answer");
  });
});
