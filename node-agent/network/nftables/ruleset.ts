// Pure: what nftables must hold for a service, and the script that leads from one state to the next.
// One verdict map finds a service's chain, whatever the number of services; a change touches its own chains and
// elements only, in one transaction, so established connections and other services never notice.

import { createHash } from "node:crypto";
import type { ServiceEntry } from "../../../protocol/mod.ts";

/** Everything that stands in the table because of one service. */
export interface ServiceRules {
  /** Chain name -> its rules. Chains of endpoints come before the chains that go to them. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Set name -> its declaration. */
  readonly sets: ReadonlyMap<string, string>;
  /** `address . protocol . port` -> verdict. */
  readonly services: ReadonlyMap<string, string>;
  /** Ports without an endpoint: refused at once instead of timing out. */
  readonly rejected: ReadonlySet<string>;
  /** `ip . ip` of endpoints: a pod that reaches itself through its service needs masquerading. */
  readonly hairpin: ReadonlySet<string>;
}

export const noRules: ServiceRules = {
  chains: new Map(),
  sets: new Map(),
  services: new Map(),
  rejected: new Set(),
  hairpin: new Set(),
};

/** Table name of a cluster. */
export const tableName = (cluster: string): string => `berth_${shortHash(cluster)}`;

/**
 * The empty table, replacing a former one. `masqueradePods`: bridged traffic does not pass the host's connection
 * tracking here (bridge-nf-call-iptables is off), so replies must be led back through the host.
 */
export const emptyTable = (table: string, masqueradePods: boolean): string => `
table ip ${table} {}
delete table ip ${table}
table ip ${table} {
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  set rejected { type ipv4_addr . inet_proto . inet_service; }
  set hairpin { type ipv4_addr . ipv4_addr; }
  chain to_service { ip daddr . meta l4proto . th dport vmap @services; }
  chain prerouting { type nat hook prerouting priority -110; jump to_service; }
  chain output { type nat hook output priority -110; jump to_service; }
  chain postrouting {
    type nat hook postrouting priority 90;
    ct status dnat ip saddr . ip daddr @hairpin masquerade
    ${masqueradePods ? "ct status dnat fib saddr type != local masquerade" : ""}
  }
  chain refuse {
    meta l4proto tcp ip daddr . meta l4proto . th dport @rejected reject with tcp reset
    ip daddr . meta l4proto . th dport @rejected reject
  }
  chain refuse_forwarded { type filter hook forward priority -5; jump refuse; }
  chain refuse_local { type filter hook output priority -5; jump refuse; }
}
`;

export function rulesOf(entry: ServiceEntry): ServiceRules {
  if (entry.clusterIP === "None" || entry.clusterIP === "") return noRules;
  const chains = new Map<string, readonly string[]>();
  const sets = new Map<string, string>();
  const services = new Map<string, string>();
  const rejected = new Set<string>();
  const hairpin = new Set<string>();
  for (const [index, { port, protocol }] of entry.ports.entries()) {
    const transport = protocol.toLowerCase();
    const key = `${entry.clusterIP} . ${transport} . ${port}`;
    const targets = entry.endpoints.flatMap(({ ip, ports }) =>
      ports[index] ? [{ ip, port: ports[index] }] : [],
    );
    if (targets.length === 0) {
      rejected.add(key);
      continue;
    }
    for (const { ip } of targets) hairpin.add(`${ip} . ${ip}`);
    const id = shortHash(`${entry.namespace}/${entry.name}/${key}`);
    services.set(key, `goto svc_${id}`);
    if (entry.affinitySeconds === undefined) chains.set(`svc_${id}`, [balance(transport, targets)]);
    else addAffinity({ chains, sets }, { id, transport, targets, seconds: entry.affinitySeconds });
  }
  return { chains, sets, services, rejected, hairpin };
}

interface Destination {
  readonly ip: string;
  readonly port: number;
}

function balance(transport: string, targets: readonly Destination[]): string {
  const choices = targets.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`);
  return `meta l4proto ${transport} dnat ip to numgen random mod ${targets.length} map { ${choices.join(", ")} }`;
}

/** A chain and a set of recent clients per endpoint: a client that is in a set goes to that endpoint again. */
function addAffinity(
  into: { chains: Map<string, readonly string[]>; sets: Map<string, string> },
  service: { id: string; transport: string; targets: readonly Destination[]; seconds: number },
): void {
  const { id, transport, targets, seconds } = service;
  const names = targets.map(({ ip, port }) => `${id}_${shortHash(`${ip}:${port}`)}`);
  for (const [index, { ip, port }] of targets.entries()) {
    into.sets.set(
      `aff_${names[index]}`,
      `{ type ipv4_addr; flags dynamic,timeout; timeout ${seconds}s; size 65535; }`,
    );
    into.chains.set(`ep_${names[index]}`, [
      `update @aff_${names[index]} { ip saddr }`,
      `meta l4proto ${transport} dnat to ${ip}:${port}`,
    ]);
  }
  const choices = names.map((name, index) => `${index} : goto ep_${name}`);
  into.chains.set(`svc_${id}`, [
    ...names.map((name) => `ip saddr @aff_${name} goto ep_${name}`),
    `numgen random mod ${names.length} vmap { ${choices.join(", ")} }`,
  ]);
}

/** Script for `nft -f -` that leads from one service's rules to its next; empty when nothing changes. */
export function transition(table: string, before: ServiceRules, after: ServiceRules): string {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  for (const [name, declaration] of after.sets) {
    if (before.sets.get(name) !== declaration) say(`add set ip ${table} ${name} ${declaration}`);
  }
  const changed = [...after.chains].filter(([name, rules]) => !sameRules(before.chains.get(name), rules));
  for (const [name] of changed) if (!before.chains.has(name)) say(`add chain ip ${table} ${name}`);
  for (const [name, rules] of changed) {
    if (before.chains.has(name)) say(`flush chain ip ${table} ${name}`);
    for (const rule of rules) say(`add rule ip ${table} ${name} ${rule}`);
  }
  for (const [key, verdict] of before.services) {
    if (after.services.get(key) !== verdict)
      say(`delete element ip ${table} services { ${key} : ${verdict} }`);
  }
  for (const [key, verdict] of after.services) {
    if (before.services.get(key) !== verdict) say(`add element ip ${table} services { ${key} : ${verdict} }`);
  }
  for (const key of before.rejected) {
    if (!after.rejected.has(key)) say(`delete element ip ${table} rejected { ${key} }`);
  }
  for (const key of after.rejected) {
    if (!before.rejected.has(key)) say(`add element ip ${table} rejected { ${key} }`);
  }
  const gone = [...before.chains.keys()].filter((name) => !after.chains.has(name));
  for (const name of gone) say(`flush chain ip ${table} ${name}`);
  // Chains that go to others were added last and must be gone first.
  for (const name of gone.toReversed()) say(`delete chain ip ${table} ${name}`);
  for (const name of before.sets.keys()) if (!after.sets.has(name)) say(`delete set ip ${table} ${name}`);
  return lines.join("\n");
}

const sameRules = (a: readonly string[] | undefined, b: readonly string[]): boolean =>
  a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);
