import { expect, test } from "vitest";
import { type NodeName, type ServiceEntry, type Uid, unwrap } from "../protocol/mod.ts";
import { parseRecord, recordOf } from "./agent-record.ts";
import { emptyAssignment } from "./assignment.ts";
import { testPod, uidOf } from "./testkit/pod-fixture.ts";

const service = (namespace: string): ServiceEntry => ({
  namespace,
  name: "store",
  uid: "00000000-0000-4000-8000-000000000001" as Uid,
  clusterIP: "10.96.0.9",
  ports: [{ name: "", port: 80, protocol: "TCP" }],
  endpoints: [{ ip: "10.244.0.2", ports: [80], node: "n1" as NodeName, pod: uidOf("web-1") }],
});

test("a record brings back the services that its pods need for their environments", () => {
  const pod = testPod();
  const assigned = { uid: uidOf("web-1"), position: 7 as never, pod };
  const record = recordOf({
    cluster: "c",
    node: "n1",
    assignment: { ...emptyAssignment, pods: new Map([[assigned.uid, assigned]]) },
    podCidr: "10.244.0.0/24",
    reports: new Map(),
    services: [service(pod.metadata?.namespace ?? ""), service("elsewhere")],
  });
  const read = unwrap(parseRecord(JSON.stringify(record)));
  expect(read.services).toEqual([{ ...service(pod.metadata?.namespace ?? ""), endpoints: [] }]);
});

test("a record from before services were in it is read", () => {
  const old = { version: 1, cluster: "c", node: "n1", retired: [], podCidr: "", pods: [] };
  expect(unwrap(parseRecord(JSON.stringify(old)))).toEqual(old);
});
