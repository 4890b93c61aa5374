// Test fixture: services as agents know them.

import type { NodeName, Position, ServiceEntry, Uid } from "../../protocol/mod.ts";
import type { ServiceSource } from "./service-names.ts";

const endpoint = (ip: string, hostname?: string): ServiceEntry["endpoints"][number] => ({
  ip,
  ports: [8080, 5353],
  node: "n1" as NodeName,
  pod: `pod-${ip}` as Uid,
  ...(hostname !== undefined && { hostname }),
});

const service = (name: string, fields: Partial<ServiceEntry>): ServiceEntry => ({
  namespace: "default",
  name,
  uid: `uid-${name}` as Uid,
  clusterIP: "None",
  ports: [
    { name: "http", port: 80, protocol: "TCP" },
    { name: "dns", port: 53, protocol: "UDP" },
  ],
  endpoints: [],
  ...fields,
});

export const services: readonly ServiceEntry[] = [
  service("web", { clusterIP: "10.43.0.7", endpoints: [endpoint("10.42.0.1")] }),
  service("db", {
    endpoints: [endpoint("10.42.0.2", "db-0"), endpoint("10.42.0.3", "db-1"), endpoint("10.42.0.4")],
  }),
  service("empty", {}),
  service("other", { namespace: "team-a", clusterIP: "10.43.0.8" }),
  service("docs", { externalName: "docs.example.com", ports: [] }),
  service("inner", { externalName: "web.default.svc.cluster.local", ports: [] }),
];

export function serviceSource(entries: readonly ServiceEntry[] = services): ServiceSource {
  const table = new Map(entries.map((entry) => [`${entry.namespace}/${entry.name}`, entry]));
  return {
    position: 17 as Position,
    get: (namespace, name) => table.get(`${namespace}/${name}`),
    entries: () => table.values(),
  };
}
