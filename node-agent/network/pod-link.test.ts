import { expect, test } from "vitest";
import { hardwareAddress, linkName, withoutLink } from "./pod-link.ts";

test("a link's name and its hardware address follow from the address", () => {
  expect(linkName("172.17.128.1")).toBe("berthac118001");
  expect(linkName("255.255.255.255").length).toBeLessThanOrEqual(15);
  expect(hardwareAddress("172.17.128.1")).toBe("02:42:ac:11:80:01");
});

test("addresses that no link of this host is named after are without one", async () => {
  expect(await withoutLink(["198.51.100.7"])).toEqual(["198.51.100.7"]);
});
