// What a pod's resolver is told, by its dnsPolicy and dnsConfig.

import { expect, test } from "vitest";
import type { PodSpec } from "../../protocol/mod.ts";
import { parseResolvConf, podResolver } from "./resolv-conf.ts";

const host = parseResolvConf(`# made by hand
nameserver 192.0.2.53
nameserver 192.0.2.54 ; second
search corp.example.com example.com
options timeout:1 rotate
`);
const context = { server: "172.17.0.1", domain: "cluster.local", host };
const cluster = {
  servers: ["172.17.0.1"],
  searches: [
    "team.svc.cluster.local",
    "svc.cluster.local",
    "cluster.local",
    "corp.example.com",
    "example.com",
  ],
  options: ["ndots:5"],
};
const of = (spec: Partial<PodSpec>, at = context) =>
  podResolver(
    { apiVersion: "v1", kind: "Pod", metadata: { namespace: "team" }, spec: { containers: [], ...spec } },
    at,
  );

test.each<[string, Partial<PodSpec>, unknown]>([
  ["no policy", {}, cluster],
  ["ClusterFirst", { dnsPolicy: "ClusterFirst" }, cluster],
  ["ClusterFirst on the host's network", { dnsPolicy: "ClusterFirst", hostNetwork: true }, undefined],
  ["ClusterFirstWithHostNet", { dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true }, cluster],
  ["Default", { dnsPolicy: "Default" }, undefined],
  [
    "None",
    { dnsPolicy: "None", dnsConfig: { nameservers: ["192.0.2.1"], searches: ["a.example"] } },
    { servers: ["192.0.2.1"], searches: ["a.example"], options: [] },
  ],
  [
    "more beside the cluster's",
    {
      dnsConfig: {
        nameservers: ["192.0.2.1"],
        searches: ["a.example"],
        options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
      },
    },
    {
      servers: ["172.17.0.1", "192.0.2.1"],
      searches: [...cluster.searches, "a.example"],
      options: ["ndots:2", "edns0"],
    },
  ],
  [
    "more beside the host's",
    { dnsPolicy: "Default", dnsConfig: { options: [{ name: "timeout", value: "3" }] } },
    { ...host, options: ["timeout:3", "rotate"] },
  ],
])("%s", (_name, spec, expected) => {
  expect(of(spec)).toEqual(expected);
});

test("without a server pods resolve as their host does", () => {
  expect(
    podResolver(
      { apiVersion: "v1", kind: "Pod", spec: { containers: [] } },
      { ...context, server: undefined },
    ),
  ).toBeUndefined();
});

test("no more servers and search domains than resolvers read", () => {
  const nameservers = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
  const searches = Array.from({ length: 40 }, (_, index) => `zone-${index}.${"x".repeat(50)}.example`);
  const settings = of({ dnsConfig: { nameservers, searches } });
  expect(settings?.servers).toHaveLength(3);
  expect(settings?.searches.length).toBeLessThanOrEqual(32);
  expect(settings?.searches.join(" ").length).toBeLessThanOrEqual(2048);
});
