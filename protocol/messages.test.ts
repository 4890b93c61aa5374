import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import { unwrap } from "./errors.ts";
import { type MessageName, messageNames, parseApiRequest, parseMessage } from "./messages.ts";

const point = { logId: "log-1", epoch: 2, position: 40 };
const uid = "3f0b7a4e-5d0c-4a55-9d43-0d3c5f3b8a11";
const registration = {
  agentVersion: "0.1.0",
  bootId: "b",
  instance: "i",
  hostname: "n1",
  addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
  labels: { "kubernetes.io/os": "linux" },
  capacity: { cpuMilli: 4000, memoryBytes: 1e9, pods: 110 },
  runtime: { name: "process", version: "1" },
  os: { platform: "linux", arch: "x64", kernel: "6.1" },
};
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a" },
  spec: { containers: [{ name: "a", image: "x" }] },
};
const service = {
  namespace: "default",
  name: "web",
  uid,
  clusterIP: "10.96.0.1",
  ports: [{ name: "", port: 80, protocol: "TCP" }],
  endpoints: [{ ip: "10.244.1.2", ports: [8080], node: "n1", pod: uid }],
};
const error = { code: "NotFound", message: "no such pod" };

/** One right message of each name, as it comes from the wire. */
const samples: Record<MessageName, Record<string, unknown>> = {
  register: { version: 1, registration, last: { ...point, session: 3 }, pods: [uid] },
  "register-reply": {
    ok: true,
    version: 1,
    session: 3,
    point,
    podCidr: "10.244.1.0/24",
    serviceCidr: "10.96.0.0/16",
    heartbeatMs: 1000,
  },
  heartbeat: {
    version: 1,
    session: 3,
    ...point,
    digest: 2 ** 47,
    endpoints: 7,
    reported: 4,
  },
  usage: {
    version: 1,
    session: 3,
    at: 1_700_000_000_000,
    intervalMs: 10_000,
    windowMs: 10_003,
    node: { cpuMilli: 1500, memoryBytes: 5e9 },
    pods: [{ uid, containers: [{ name: "main", cpuMilli: 20, memoryBytes: 1e7 }] }],
  },
  status: {
    version: 1,
    session: 3,
    number: 4,
    pods: [{ uid, status: { phase: "Running" }, gone: true }],
    node: { conditions: [] },
  },
  sync: { version: 1, session: 3, reason: "digest differs" },
  "endpoints-sync": { version: 1, session: 3 },
  "endpoints-table": { version: 1, ...point, services: [service] },
  "endpoints-ack": { version: 1, session: 3, position: 7 },
  config: { version: 1, session: 3, kind: "Secret", namespace: "default", name: "db" },
  "config-reply": { ok: true, version: 1, content: { position: 12, sealed: Uint8Array.of(1, 2) } },
  "volume-deleted": { version: 1, session: 3, volume: uid, error: "it is in use" },
  "delete-volumes": {
    version: 1,
    session: 3,
    volumes: [
      { uid, source: { type: "directory", handle: "pvc-1", begun: true } },
      { uid, source: { type: "engine", handle: "pvc-2", driver: "local", options: {}, begun: false } },
      { uid, source: { type: "path", path: "/data", pathType: "Directory" } },
    ],
  },
  assign: {
    version: 1,
    session: 3,
    logId: "log-1",
    epoch: 2,
    to: 41,
    from: 40,
    kind: "delta",
    removed: [uid],
    pods: [
      {
        uid,
        position: 41,
        pod,
        stop: { graceSeconds: 30, reason: "deleted" },
        configs: [{ kind: "ConfigMap", name: "web" }],
        volumes: [
          { name: "data", source: { type: "directory", handle: "pvc-1", begun: false }, readOnly: true },
        ],
      },
    ],
    digest: 5,
    services: 7,
  },
  "status-committed": { version: 1, session: 3, number: 4 },
  ping: { version: 1, point },
  pong: { version: 1, session: 3 },
  superseded: { version: 1, session: 3, by: 9 },
  lease: { version: 1, session: 3, sent: 86_400_000, pods: ["uid-1"] },
  stream: {
    version: 1,
    stream: "s1",
    user: "admin",
    pod: uid,
    container: "main",
    kind: "exec",
    command: ["sh"],
    stdin: true,
    tty: false,
  },
  "stream-reply": { ok: false, version: 1, error },
  endpoints: { version: 1, logId: "log-1", epoch: 2, from: 6, to: 7, type: "service", service },
  beat: { version: 1, master: "m1", ...point, at: 1_700_000_000_000.5 },
  "api-request": { object: pod, commandId: "c1", sentAt: 1, fieldManager: "berth", dryRun: true },
  "api-reply": {
    ok: true,
    version: 1,
    position: 40,
    type: "list",
    kind: "Pod",
    items: [pod],
    warnings: ["w"],
  },
  watch: { version: 1, watch: "w1", number: 1, position: 40, type: "ADDED", object: pod },
  "stream-frame": { number: 1, type: "data", channel: "stdout", data: Uint8Array.of(1, 2) },
};

describe("messages", () => {
  test.each(messageNames)("%s is taken as it is", (name) => {
    const value = unwrap(decode(encode(samples[name])));
    expect(parseMessage(name, value)).toEqual({ ok: true, value });
  });
  test.each(messageNames)(
    "%s with any wrong field is refused with the field's name, never with a throw",
    (name) => {
      const odd = fc.constantFrom<unknown>(null, -1, 1.5, "", "x y", [], {}, [1], true, "x".repeat(40_000), {
        a: { b: 1 },
      });
      fc.assert(
        fc.property(fc.constantFrom(...Object.keys(samples[name])), odd, (field, value) => {
          const result = parseMessage(name, { ...samples[name], [field]: value });
          if (result.ok) return;
          expect(["Invalid", "BadRequest", "UnsupportedVersion"]).toContain(result.error.code);
          expect(result.error.message.length).toBeLessThan(5000);
        }),
        { numRuns: 60 },
      );
    },
  );
  test.each(messageNames)("%s of another version is UnsupportedVersion", (name) => {
    const result = parseMessage(name, { ...samples[name], version: 2 });
    if (name !== "stream-frame") expect(!result.ok && result.error.code).toBe("UnsupportedVersion");
  });
  test.each([null, undefined, 5, "x", [], new Uint8Array(3)])("%s is no message", (value) => {
    const result = parseMessage("heartbeat", value);
    expect(!result.ok && result.error.code).toBe("BadRequest");
  });
  test("the wrong fields are named by path", () => {
    const result = parseMessage("register", {
      ...samples.register,
      registration: { ...registration, capacity: { cpuMilli: -1 } },
    });
    expect(!result.ok && result.error.causes?.map((cause) => cause.field)).toEqual([
      "registration.capacity.cpuMilli",
      "registration.capacity.memoryBytes",
      "registration.capacity.pods",
    ]);
  });
  test("a pod's status is looked into", () => {
    const result = parseMessage("status", {
      ...samples.status,
      pods: [{ uid, status: { containerStatuses: [{ name: 5 }] } }],
    });
    expect(!result.ok && result.error.causes?.[0]?.field).toContain("pods[0].status.containerStatuses[0]");
  });
  test("a heartbeat that the quick check does not take is judged by the schema", () => {
    for (const change of [{ session: -1 }, { logId: "a b" }, { digest: 1.5 }, { position: "1" }]) {
      const result = parseMessage("heartbeat", { ...samples.heartbeat, ...change });
      expect(!result.ok && result.error.causes?.[0]?.field).toBe(Object.keys(change)[0]);
    }
  });
  test("a beat that the quick check does not take is judged by the schema", () => {
    for (const change of [{ epoch: -1 }, { logId: "a b" }, { position: 1.5 }, { at: "1" }, { master: 5 }]) {
      const result = parseMessage("beat", { ...samples.beat, ...change });
      expect(!result.ok && result.error.causes?.[0]?.field).toBe(Object.keys(change)[0]);
    }
  });
  test("lists are bounded", () => {
    const pods = Array.from({ length: 10_001 }, () => uid);
    expect(parseMessage("register", { ...samples.register, pods }).ok).toBe(false);
  });
  test("an error code of a newer peer is Internal, its message stays", () => {
    const result = unwrap(
      parseMessage("api-reply", { ok: false, version: 1, error: { code: "Novel", message: "m" } }),
    );
    expect(result).toEqual({ ok: false, version: 1, error: { code: "Internal", message: "m" } });
  });
});

describe("api requests", () => {
  test("an object of its own is the object", () => {
    expect(unwrap(parseApiRequest(pod))).toEqual({ object: pod });
    expect(unwrap(parseApiRequest({ apiVersion: "v1", kind: "Pod" }))).toEqual({
      object: { apiVersion: "v1", kind: "Pod", metadata: {} },
    });
  });
  test("nothing is an empty request", () => {
    expect(unwrap(parseApiRequest({}))).toEqual({});
    expect(unwrap(parseApiRequest(undefined))).toEqual({});
  });
  test("a misspelled option is an error", () => {
    const result = parseApiRequest({ labelselector: "a=b" });
    expect(!result.ok && result.error.message).toContain("labelselector");
  });
  test.each([
    [[]],
    ["text"],
    [5],
    [{ object: "x" }],
    [{ limit: -1 }],
    [{ commandId: "a b" }],
    [{ stream: {} }],
  ])("%j is refused", (body) => {
    expect(parseApiRequest(body).ok).toBe(false);
  });
});
