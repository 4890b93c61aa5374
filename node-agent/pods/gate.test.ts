import { describe, expect, it } from "vitest";
import { Gate } from "./gate.ts";

describe("the gate of parallel starts", () => {
  it("lets through so many at once, and what goes on before what begins anew", async () => {
    const gate = new Gate(2);
    const begun: string[] = [];
    const ends: PromiseWithResolvers<void>[] = [];
    const work = (name: string) => (): Promise<void> => {
      begun.push(name);
      const end = Promise.withResolvers<void>();
      ends.push(end);
      return end.promise;
    };
    const all = [
      gate.run(work("first")),
      gate.run(work("second")),
      gate.run(work("new")),
      gate.run(work("going on"), "going-on"),
    ];
    expect(begun).toEqual(["first", "second"]);
    ends[0]?.resolve();
    await all[0];
    expect(begun).toEqual(["first", "second", "going on"]);
    ends[1]?.resolve();
    await all[1];
    expect(begun).toEqual(["first", "second", "going on", "new"]);
    for (const { resolve } of ends) resolve();
    await Promise.all(all);
  });
});
