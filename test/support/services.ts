// Service entries for the tests of data planes.

import type { NodeName, ServiceEntry, Uid } from "../../protocol/mod.ts";

export const serviceEntry = (
  clusterIP: string,
  port: number,
  endpoints: readonly { readonly ip: string; readonly port: number }[],
  more: Partial<ServiceEntry> = {},
): ServiceEntry => ({
  namespace: "default",
  name: "web",
  uid: "web-uid" as Uid,
  clusterIP,
  ports: [{ name: "http", port, protocol: "TCP" }],
  endpoints: endpoints.map((endpoint) => ({
    ip: endpoint.ip,
    ports: [endpoint.port],
    node: "n1" as NodeName,
    pod: `pod-${endpoint.ip.replaceAll(".", "-")}` as Uid,
  })),
  ...more,
});
