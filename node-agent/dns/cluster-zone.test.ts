// The names of the cluster, as "DNS-Based Service Discovery" 1.1.0 has them.

import { describe, expect, test } from "vitest";
import { createVirtualWorld } from "../../actors/mod.ts";
import { ClusterZone } from "./cluster-zone.ts";
import { anyType, type DnsRecord, recordTypes } from "./records.ts";
import { serviceSource, services } from "./service-fixtures.ts";

const { random } = createVirtualWorld({ seed: 1 });
const zone = new ClusterZone({ domain: "cluster.local", services: serviceSource(), random });

function ask(name: string, type: number = recordTypes.A) {
  const found = zone.answer({ name, type, class: 1 });
  if (found.type !== "answer") return found.type;
  const { code, answers, authority = [] } = found.answer;
  if (code === 3) return "no such name";
  if (answers.length === 0) return authority.length === 1 ? "nothing" : "nothing, and no word for how long";
  return answers.map(textOf).toSorted();
}
function textOf(record: DnsRecord): string {
  switch (record.type) {
    case "A":
      return record.address;
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case "PTR":
    case "CNAME":
      return record.target;
    case "TXT":
      return record.text;
    default:
      return record.type;
  }
}

describe("addresses", () => {
  test.each([
    ["web.default.svc.cluster.local", ["10.43.0.7"]],
    ["WEB.Default.SVC.cluster.local", ["10.43.0.7"]],
    ["other.team-a.svc.cluster.local", ["10.43.0.8"]],
    ["other.default.svc.cluster.local", "no such name"],
    ["db.default.svc.cluster.local", ["10.42.0.2", "10.42.0.3", "10.42.0.4"]],
    ["db-1.db.default.svc.cluster.local", ["10.42.0.3"]],
    ["10-42-0-4.db.default.svc.cluster.local", ["10.42.0.4"]],
    ["db-9.db.default.svc.cluster.local", "no such name"],
    ["x.web.default.svc.cluster.local", "no such name"],
    ["a.db-1.db.default.svc.cluster.local", "no such name"],
    ["empty.default.svc.cluster.local", "nothing"],
    ["cluster.local", "nothing"],
    ["svc.cluster.local", "nothing"],
    ["default.svc.cluster.local", "nothing"],
    ["nowhere.svc.cluster.local", "no such name"],
    ["anything.cluster.local", "no such name"],
    ["10-42-0-9.default.pod.cluster.local", ["10.42.0.9"]],
    ["10-42-0-999.default.pod.cluster.local", "no such name"],
    ["example.com", "elsewhere"],
    ["notcluster.local", "elsewhere"],
    ["web.default.svc", "elsewhere"],
    ["docs.default.svc.cluster.local", "alias"],
    ["inner.default.svc.cluster.local", "alias"],
  ])("%s", (name, answer) => {
    expect(ask(name)).toEqual(answer);
  });

  test("there are no IPv6 ones, and that is no error", () => {
    expect(ask("web.default.svc.cluster.local", recordTypes.AAAA)).toBe("nothing");
    expect(ask("nothing.default.svc.cluster.local", recordTypes.AAAA)).toBe("no such name");
  });

  test("their order changes: clients take the first", () => {
    const firsts = new Set<string>();
    for (let times = 0; times < 100; times++) {
      const found = zone.answer({ name: "db.default.svc.cluster.local", type: 1, class: 1 });
      const [first] = found.type === "answer" ? found.answer.answers : [];
      if (first) firsts.add(textOf(first));
    }
    expect(firsts.size).toBe(3);
  });
});

describe("service records", () => {
  test.each([
    ["_http._tcp.web.default.svc.cluster.local", ["0 100 80 web.default.svc.cluster.local"]],
    ["_dns._udp.web.default.svc.cluster.local", ["0 100 53 web.default.svc.cluster.local"]],
    ["_dns._tcp.web.default.svc.cluster.local", "no such name"],
    ["_tcp.web.default.svc.cluster.local", "nothing"],
    [
      "_http._tcp.db.default.svc.cluster.local",
      [
        "0 100 8080 10-42-0-4.db.default.svc.cluster.local",
        "0 100 8080 db-0.db.default.svc.cluster.local",
        "0 100 8080 db-1.db.default.svc.cluster.local",
      ],
    ],
    [
      "web.default.svc.cluster.local",
      ["0 100 53 web.default.svc.cluster.local", "0 100 80 web.default.svc.cluster.local"],
    ],
    ["_http._tcp.empty.default.svc.cluster.local", "nothing"],
  ])("%s", (name, answer) => {
    expect(ask(name, recordTypes.SRV)).toEqual(answer);
  });

  test("what they name is resolved beside them", () => {
    const found = zone.answer({ name: "_http._tcp.db.default.svc.cluster.local", type: 33, class: 1 });
    const additional = found.type === "answer" ? (found.answer.additional ?? []) : [];
    expect(additional.map((record) => `${record.name} ${textOf(record)}`).toSorted()).toEqual([
      "10-42-0-4.db.default.svc.cluster.local 10.42.0.4",
      "db-0.db.default.svc.cluster.local 10.42.0.2",
      "db-1.db.default.svc.cluster.local 10.42.0.3",
    ]);
  });
});

test.each([
  ["7.0.43.10.in-addr.arpa", ["web.default.svc.cluster.local"]],
  ["3.0.42.10.in-addr.arpa", ["db-1.db.default.svc.cluster.local"]],
  ["4.0.42.10.in-addr.arpa", ["10-42-0-4.db.default.svc.cluster.local"]],
  ["1.0.42.10.in-addr.arpa", "elsewhere"],
  ["8.8.8.8.in-addr.arpa", "elsewhere"],
])("the names of an address: %s", (name, answer) => {
  expect(ask(name, recordTypes.PTR)).toEqual(answer);
});

test("the version of the names", () => {
  expect(ask("dns-version.cluster.local", recordTypes.TXT)).toEqual(["1.1.0"]);
});

test("a question for everything", () => {
  expect(ask("web.default.svc.cluster.local", anyType)).toContain("10.43.0.7");
  expect(ask("docs.default.svc.cluster.local", recordTypes.CNAME)).toEqual(["docs.example.com"]);
});

test("a table that moves on is followed", () => {
  let position = 1;
  let entries = services.slice(0, 1);
  const source = {
    ...serviceSource(),
    get position() {
      return position as never;
    },
    entries: () => entries,
  };
  const moving = new ClusterZone({ domain: "cluster.local", services: source, random });
  const ptr = { name: "8.0.43.10.in-addr.arpa", type: recordTypes.PTR, class: 1 };
  expect(moving.answer(ptr).type).toBe("elsewhere");
  entries = [...services];
  position = 2;
  expect(moving.answer(ptr).type).toBe("answer");
});
