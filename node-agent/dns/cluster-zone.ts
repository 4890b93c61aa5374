// Answers for the names of the cluster, from the table of services in memory. Pure but for the order of addresses.
// Source: Kubernetes "DNS-Based Service Discovery" 1.1.0.

import { isIPv4 } from "node:net";
import type { Random } from "../../actors/mod.ts";
import type { ServiceEntry } from "../../protocol/mod.ts";
import {
  type Answer,
  anyType,
  type DnsQuestion,
  type DnsRecord,
  recordTypes,
  responseCodes,
} from "./records.ts";
import {
  endpointName,
  reverseAddress,
  type ServiceNames,
  ServiceNamesIndex,
  type ServiceSource,
} from "./service-names.ts";

/** Seconds: names follow their endpoints this fast. */
export const recordTtl = 5;
const schemaVersion = "1.1.0";

export type ZoneAnswer =
  | { readonly type: "answer"; readonly answer: Answer }
  /** A name outside: its answer belongs behind these records. */
  | { readonly type: "alias"; readonly records: readonly DnsRecord[]; readonly target: string }
  | { readonly type: "elsewhere" };

export class ClusterZone {
  readonly #domain: string;
  readonly #services: ServiceSource;
  readonly #random: Random;
  readonly #index: ServiceNamesIndex;

  constructor(options: {
    readonly domain: string;
    readonly services: ServiceSource;
    readonly random: Random;
  }) {
    this.#domain = options.domain;
    this.#services = options.services;
    this.#random = options.random;
    this.#index = new ServiceNamesIndex(options.services);
  }

  answer(question: DnsQuestion): ZoneAnswer {
    const asked = question.name.toLowerCase();
    const address = reverseAddress(asked);
    if (address !== undefined) return this.#reverse(question, address);
    if (asked !== this.#domain && !asked.endsWith(`.${this.#domain}`)) return { type: "elsewhere" };
    const labels = asked
      .slice(0, -this.#domain.length - 1)
      .split(".")
      .filter(Boolean);
    const found = this.#find(labels.toReversed(), question);
    if (found === undefined) return { type: "answer", answer: this.#negative(responseCodes.nameError) };
    if ("alias" in found) return this.#alias(question, found.alias);
    const wanted = found.records.filter(
      ({ type }) => question.type === recordTypes[type] || question.type === anyType,
    );
    if (wanted.length === 0) return { type: "answer", answer: this.#negative(responseCodes.noError) };
    const answers = this.#shuffled(wanted);
    const additional = found.additional ?? [];
    return { type: "answer", answer: { code: responseCodes.noError, answers, additional } };
  }

  /** `labels` from the domain down. Undefined when there is no such name, no records when there is more below it. */
  #find(labels: readonly string[], question: DnsQuestion): Found | undefined {
    const [branch, namespace, ...rest] = labels;
    if (branch === undefined) return { records: [] };
    if (branch === "dns-version" && namespace === undefined) {
      return { records: [{ name: question.name, ttl: recordTtl, type: "TXT", text: schemaVersion }] };
    }
    if (branch !== "svc" && branch !== "pod") return undefined;
    if (namespace === undefined) return { records: [] };
    if (branch === "pod") return podAddress(rest, question);
    const [name, ...below] = rest;
    if (name === undefined) return this.#index.hasNamespace(namespace) ? { records: [] } : undefined;
    const service = this.#services.get(namespace, name);
    return service && this.#ofService(service, below, question);
  }

  #ofService(service: ServiceEntry, below: readonly string[], question: DnsQuestion): Found | undefined {
    const { externalName } = service;
    if (externalName !== undefined) return below.length === 0 ? { alias: externalName } : undefined;
    const own = this.#nameOf(service);
    if (below.length === 0) {
      const targets = addressesOf(service);
      const records = targets.map((address) => record(question.name, "A", address));
      const ports = question.type === recordTypes.SRV ? service.ports.map((_, index) => index) : [];
      const served = this.#served(service, own, ports, question);
      return { records: [...records, ...served.records], additional: served.additional };
    }
    const [first = "", second] = below;
    if (first.startsWith("_")) {
      const protocol = first.slice(1).toUpperCase();
      const ports = service.ports.flatMap((port, index) => (port.protocol === protocol ? [index] : []));
      if (second === undefined) return ports.length > 0 ? { records: [] } : undefined;
      const named = ports.filter((index) => `_${service.ports[index]?.name ?? ""}` === second);
      if (named.length === 0 || below.length > 2) return undefined;
      return this.#served(service, own, named, question);
    }
    if (below.length > 1 || service.clusterIP !== "None") return undefined;
    const members = service.endpoints.filter((endpoint) => endpointName(endpoint) === first);
    if (members.length === 0) return undefined;
    return { records: members.map(({ ip }) => record(question.name, "A", ip)) };
  }

  /** SRV records of these ports, and the addresses of what they name. */
  #served(service: ServiceEntry, own: string, ports: readonly number[], { name }: DnsQuestion): Served {
    const records: DnsRecord[] = [];
    const additional = new Map<string, DnsRecord>();
    const serve = (target: string, port: number, address: string): void => {
      records.push({ name, ttl: recordTtl, type: "SRV", priority: 0, weight: 100, port, target });
      additional.set(`${target} ${address}`, record(target, "A", address));
    };
    for (const index of ports) {
      const port = service.ports[index]?.port ?? 0;
      if (service.clusterIP !== "None") serve(own, port, service.clusterIP);
      else {
        for (const endpoint of service.endpoints) {
          const target = endpoint.ports[index];
          if (target) serve(`${endpointName(endpoint)}.${own}`, target, endpoint.ip);
        }
      }
    }
    return { records, additional: [...additional.values()] };
  }

  #reverse({ name, type }: DnsQuestion, address: string): ZoneAnswer {
    const names = this.#index.namesOf(address);
    if (names.length === 0) return { type: "elsewhere" };
    if (type !== recordTypes.PTR && type !== anyType) {
      return { type: "answer", answer: this.#negative(responseCodes.noError) };
    }
    const answers = names.map((service): DnsRecord => {
      const prefix = service.endpoint === undefined ? "" : `${service.endpoint}.`;
      return { name, ttl: recordTtl, type: "PTR", target: `${prefix}${this.#nameOf(service)}` };
    });
    return { type: "answer", answer: { code: responseCodes.noError, answers } };
  }

  #alias({ name, type }: DnsQuestion, target: string): ZoneAnswer {
    const records: DnsRecord[] = [{ name, ttl: recordTtl, type: "CNAME", target }];
    if (type === recordTypes.CNAME || type === anyType) {
      return { type: "answer", answer: { code: responseCodes.noError, answers: records } };
    }
    return { type: "alias", records, target };
  }

  /** Says for how long it may be remembered that there is nothing. */
  #negative(code: Answer["code"]): Answer {
    const soa: DnsRecord = {
      name: this.#domain,
      ttl: recordTtl,
      type: "SOA",
      primary: `ns.dns.${this.#domain}`,
      mailbox: `hostmaster.${this.#domain}`,
      serial: this.#services.position % 2 ** 32,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: recordTtl,
    };
    return { code, answers: [], authority: [soa] };
  }

  #nameOf = ({ namespace, name }: Pick<ServiceEntry | ServiceNames, "namespace" | "name">): string =>
    `${name}.${namespace}.svc.${this.#domain}`;

  /** Clients take the first address: each shall get its share. */
  #shuffled(records: readonly DnsRecord[]): DnsRecord[] {
    const shuffled = [...records];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.#random.below(last + 1);
      const [left, right] = [shuffled[last], shuffled[other]];
      if (left && right) [shuffled[last], shuffled[other]] = [right, left];
    }
    return shuffled;
  }
}

interface Served {
  readonly records: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}
type Found =
  | { readonly records: readonly DnsRecord[]; readonly additional?: readonly DnsRecord[] }
  | { readonly alias: string };

/** `10-42-0-7.default.pod`: the address is in the name. */
function podAddress([dashed, ...more]: readonly string[], { name }: DnsQuestion): Found | undefined {
  if (dashed === undefined) return { records: [] };
  const address = dashed.replaceAll("-", ".");
  if (more.length > 0 || !isIPv4(address)) return undefined;
  return { records: [record(name, "A", address)] };
}

const record = (name: string, type: "A", address: string): DnsRecord => ({
  name,
  ttl: recordTtl,
  type,
  address,
});

/** A headless service is its endpoints; each address once. */
const addressesOf = ({ clusterIP, endpoints }: ServiceEntry): readonly string[] =>
  clusterIP === "None" || clusterIP === "" ? [...new Set(endpoints.map(({ ip }) => ip))] : [clusterIP];
