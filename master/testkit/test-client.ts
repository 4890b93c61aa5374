// Requests to the API for tests, over any bus.

import type { Bus } from "../../actors/mod.ts";
import {
  type ApiReply,
  type ApiRequest,
  apiSubject,
  type ApiTarget,
  decode,
  encode,
  parseMessage,
  type Prefix,
  unwrap,
} from "../../protocol/mod.ts";

export type TestClient = (
  target: Omit<ApiTarget, "user" | "group"> & { readonly group?: string },
  request?: ApiRequest,
) => Promise<ApiReply>;

export function createTestClient(bus: Bus, prefix: Prefix, timeoutMs = 10_000): TestClient {
  return async (target, request = {}) => {
    const subject = apiSubject(prefix, { user: "tester", group: "core", ...target });
    const reply = await bus.request(subject, encode(request), { timeoutMs });
    return unwrap(parseMessage("api-reply", unwrap(decode(reply.data))));
  };
}

/** A replication controller of pods with one container. */
export const replicationController = (name: string, replicas: number, cpu = "100m") => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name, namespace: "default" },
  spec: {
    replicas,
    selector: { app: name },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "main", image: "busybox", resources: { requests: { cpu } } }] },
    },
  },
});
