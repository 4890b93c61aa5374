import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BridgeAddresses } from "./bridge-addresses.ts";

const bridge = { gateway: "172.17.0.1", prefixLength: 16 };

describe("addresses on the engine's bridge", () => {
  it("come from the upper half of its range, one after the other", () => {
    const addresses = new BridgeAddresses(0);
    expect([addresses.allocate(bridge), addresses.allocate(bridge)]).toEqual([
      "172.17.128.0",
      "172.17.128.1",
    ]);
  });

  it("are given again last", () => {
    const addresses = new BridgeAddresses(0);
    const first = addresses.allocate(bridge) ?? "";
    addresses.release(first);
    expect(addresses.allocate(bridge)).toBe("172.17.128.1");
  });

  it("leave out what a former agent has given", () => {
    const addresses = new BridgeAddresses(0);
    addresses.take("172.17.128.0");
    expect(addresses.allocate(bridge)).toBe("172.17.128.1");
  });

  it("are none of the lower half, the broadcast address or the host's own, and all different, until none is left", () => {
    const small = { gateway: "10.0.15.254", prefixLength: 20 };
    fc.assert(
      fc.property(fc.nat(), (start) => {
        const addresses = new BridgeAddresses(start);
        const given = Array.from({ length: 2046 }, () => addresses.allocate(small));
        expect(new Set(given).size).toBe(2046);
        for (const each of given) expect(each).toMatch(/^10\.0\.(8|9|1[0-5])\./);
        expect(given).not.toContain("10.0.15.255");
        expect(given).not.toContain(small.gateway);
        expect(addresses.allocate(small)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});
