// Which names an address has, and which namespaces have services: looked up seldom, so made when first asked for and
// thrown away when the table moves on.

import { type Position, positionZero, type ServiceEndpoint, type ServiceEntry } from "../../protocol/mod.ts";

/** The table of services, as names are answered from it. */
export interface ServiceSource {
  readonly position: Position;
  get(namespace: string, name: string): ServiceEntry | undefined;
  entries(): Iterable<ServiceEntry>;
}

export interface ServiceNames {
  readonly namespace: string;
  readonly name: string;
  /** First label of an endpoint of a headless service. */
  readonly endpoint?: string;
}

/** Its host name where it has one in its service's domain, else its address with dashes. */
export const endpointName = ({ hostname, ip }: ServiceEndpoint): string =>
  hostname?.toLowerCase() ?? ip.replaceAll(".", "-");

/** `7.0.42.10.in-addr.arpa` -> `10.42.0.7`. */
export function reverseAddress(name: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  return match ? match.slice(1).toReversed().join(".") : undefined;
}

/** Names that one address is told to have at most. */
const maxNames = 16;

export class ServiceNamesIndex {
  readonly #services: ServiceSource;
  #position: Position = positionZero;
  #byAddress = new Map<string, ServiceNames[]>();
  #namespaces = new Set<string>();

  constructor(services: ServiceSource) {
    this.#services = services;
  }

  hasNamespace(namespace: string): boolean {
    this.#follow();
    return this.#namespaces.has(namespace);
  }

  namesOf(address: string): readonly ServiceNames[] {
    this.#follow();
    return this.#byAddress.get(address) ?? [];
  }

  #follow(): void {
    const { position } = this.#services;
    if (position === this.#position && position !== positionZero) return;
    this.#position = position;
    this.#byAddress = new Map();
    this.#namespaces = new Set();
    for (const service of this.#services.entries()) {
      const { namespace, name, clusterIP, endpoints } = service;
      this.#namespaces.add(namespace);
      if (clusterIP !== "None" && clusterIP !== "") this.#add(clusterIP, { namespace, name });
      else
        for (const each of endpoints) this.#add(each.ip, { namespace, name, endpoint: endpointName(each) });
    }
  }

  #add(address: string, names: ServiceNames): void {
    const known = this.#byAddress.get(address);
    if (!known) this.#byAddress.set(address, [names]);
    else if (known.length < maxNames) known.push(names);
  }
}
