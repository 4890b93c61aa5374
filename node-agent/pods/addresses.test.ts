import { expect, test } from "vitest";
import type { Uid } from "../../protocol/mod.ts";
import { PodAddresses } from "./addresses.ts";

const pod = (name: string): Uid => name as Uid;

test("one address a pod, the same until released, freed ones last", () => {
  const addresses = new PodAddresses();
  expect(addresses.allocate(pod("a")).ok).toBe(false);
  addresses.setRange("127.3.4.0/29");
  const given = ["a", "b", "c"].map((name) => addresses.allocate(pod(name)));
  expect(given.map((result) => result.ok && result.value)).toEqual(["127.3.4.2", "127.3.4.3", "127.3.4.4"]);
  expect(addresses.allocate(pod("a"))).toEqual(given[0]);
  addresses.release(pod("a"));
  expect(addresses.allocate(pod("d"))).toMatchObject({ value: "127.3.4.5" });
});

test("an adopted address is not given out again, and a full range says so", () => {
  const addresses = new PodAddresses();
  addresses.setRange("127.3.4.0/29");
  addresses.claim(pod("old"), "127.3.4.2");
  const given = ["a", "b", "c", "d"].map((name) => addresses.allocate(pod(name)));
  expect(given.map((result) => result.ok && result.value)).not.toContain("127.3.4.2");
  expect(addresses.allocate(pod("e"))).toMatchObject({ ok: false, error: { code: "TooManyRequests" } });
});

test.each(["10.0.0.0", "10.0.0.0/31", "300.0.0.0/24", "::1/64", ""])("the range %s is refused", (cidr) => {
  expect(new PodAddresses().setRange(cidr).ok).toBe(false);
});

test("a range of another network is moved into the loopback's", () => {
  const addresses = new PodAddresses();
  addresses.setRange("10.244.3.0/24");
  expect(addresses.allocate(pod("a"))).toMatchObject({ value: "127.244.3.2" });
});
