import { expect, test } from "vitest";
import { hostsText, networkMounts, resolverText } from "./network-files.ts";

test("a hosts file has the pod's names, aliases and this host's own", () => {
  const lines = hostsText(
    {
      hostname: "web-0",
      domain: "web.shop.svc.cluster.local",
      hostAliases: [{ ip: "10.1.1.1", hostnames: ["a", "b"] }],
    },
    "172.17.128.9",
  ).split("\n");
  expect(lines).toContain("127.0.0.1\tlocalhost");
  expect(lines).toContain("172.17.128.9\tweb-0.web.shop.svc.cluster.local web-0");
  expect(lines).toEqual(expect.arrayContaining(["10.1.1.1\ta", "10.1.1.1\tb"]));
  expect(hostsText({ hostname: "web" }, "172.17.128.9")).toContain("\n172.17.128.9\tweb\n");
});

test("resolver settings as resolv.conf(5) has them", () => {
  expect(
    resolverText({ servers: ["10.0.0.1", "10.0.0.2"], searches: ["a.b", "b"], options: ["ndots:5"] }),
  ).toBe("search a.b b\nnameserver 10.0.0.1\nnameserver 10.0.0.2\noptions ndots:5\n");
  expect(resolverText({ servers: ["10.0.0.1"], searches: [], options: [] })).toBe("nameserver 10.0.0.1\n");
});

test("a container's own mount wins", () => {
  const hosts = { containerPath: "/etc/hosts", hostPath: "/somewhere", readOnly: true };
  expect(
    networkMounts("/pod/network", []).map(({ containerPath, hostPath }) => `${hostPath} ${containerPath}`),
  ).toEqual(["/pod/network/hosts /etc/hosts", "/pod/network/resolv.conf /etc/resolv.conf"]);
  expect(networkMounts("/pod/network", [hosts]).map(({ containerPath }) => containerPath)).toEqual([
    "/etc/resolv.conf",
  ]);
});
