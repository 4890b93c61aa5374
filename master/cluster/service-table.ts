// What data planes need of services: endpoint subsets, virtual IPs, node ports, and the entries made of them.

import type {
  ApiObject,
  EndpointSubsetValue,
  NodeName,
  ServiceEndpoint,
  ServiceEntry,
  Uid,
} from "../../protocol/mod.ts";
import type { ObjectRow, PodRow } from "./contract.ts";
import { endpointSubsetsOf, serviceSpecOf } from "./specs.ts";

export const noClusterIp = "None";
/** Kubernetes' default for ClientIP affinity. */
const defaultAffinitySeconds = 10_800;

type PodOf = (uid: Uid) => PodRow | undefined;

export class ServiceTable {
  readonly #subsets = new Map<Uid, readonly EndpointSubsetValue[]>();
  readonly #byIp = new Map<string, Uid>();
  readonly #byNodePort = new Map<number, Uid>();
  readonly #entries = new Map<Uid, ServiceEntry>();
  readonly #serving = new WeakMap<readonly EndpointSubsetValue[], ReadonlySet<Uid>>();

  subsets(service: Uid): readonly EndpointSubsetValue[] | undefined {
    return this.#subsets.get(service);
  }
  allSubsets(): Iterable<[Uid, readonly EndpointSubsetValue[]]> {
    return this.#subsets.entries();
  }
  ipOwner(ip: string): Uid | undefined {
    return this.#byIp.get(ip);
  }
  nodePortOwner(port: number): Uid | undefined {
    return this.#byNodePort.get(port);
  }

  setSubsets(service: Uid, subsets: readonly EndpointSubsetValue[] | undefined): void {
    if (subsets) this.#subsets.set(service, subsets);
    else this.#subsets.delete(service);
    this.#entries.delete(service);
  }

  /** A service's row, or that of a user's Endpoints with its name, changed. */
  forgetEntry(service: Uid): void {
    this.#entries.delete(service);
  }

  /** Moves the addresses that a service holds. */
  changed(before: ObjectRow | undefined, after: ObjectRow | undefined): void {
    if (before) {
      const { clusterIP, ports } = serviceSpecOf(before.value);
      if (clusterIP && this.#byIp.get(clusterIP) === before.ref.uid) this.#byIp.delete(clusterIP);
      for (const { nodePort } of ports ?? []) {
        if (nodePort && this.#byNodePort.get(nodePort) === before.ref.uid) this.#byNodePort.delete(nodePort);
      }
      this.#entries.delete(before.ref.uid);
    }
    if (after) {
      const { clusterIP, ports } = serviceSpecOf(after.value);
      if (clusterIP && clusterIP !== noClusterIp) this.#byIp.set(clusterIP, after.ref.uid);
      for (const { nodePort } of ports ?? []) if (nodePort) this.#byNodePort.set(nodePort, after.ref.uid);
      this.#entries.delete(after.ref.uid);
    }
  }

  serves(service: Uid, pod: Uid): boolean {
    const subsets = this.#subsets.get(service);
    if (!subsets) return false;
    let serving = this.#serving.get(subsets);
    if (!serving) {
      serving = new Set(subsets.flatMap(({ addresses }) => addresses.map((address) => address.pod.uid)));
      this.#serving.set(subsets, serving);
    }
    return serving.has(pod);
  }

  /** `manual` is the Endpoints object that a user wrote, for services without a selector. */
  entry(service: ObjectRow, manual: ObjectRow | undefined, podOf: PodOf): ServiceEntry {
    const spec = serviceSpecOf(service.value);
    const known = this.#entries.get(service.ref.uid);
    if (known) return known;
    const { namespace = "", name, uid } = service.ref;
    const ports = (spec.ports ?? []).map(({ name: port = "", port: number, protocol, nodePort }) => ({
      name: port,
      port: number,
      protocol: protocol === "UDP" ? ("UDP" as const) : ("TCP" as const),
      ...(nodePort && { nodePort }),
    }));
    const subsets = this.#subsets.get(uid) ?? (manual ? manualSubsets(manual.value) : []);
    const affinitySeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
    const entry: ServiceEntry = {
      namespace,
      name,
      uid,
      clusterIP: spec.clusterIP ?? noClusterIp,
      ports,
      ...(spec.sessionAffinity === "ClientIP" && { affinitySeconds }),
      ...(spec.type === "ExternalName" && spec.externalName && { externalName: spec.externalName }),
      endpoints: subsets.flatMap((subset) =>
        readyEndpoints(subset, ports, (uid) => hostnameIn(name, podOf(uid))),
      ),
    };
    this.#entries.set(uid, entry);
    return entry;
  }
}

type Subset = Omit<EndpointSubsetValue, "addresses"> & {
  readonly addresses: readonly (EndpointSubsetValue["addresses"][number] & { readonly hostname?: string })[];
};

function readyEndpoints(
  { addresses, ports }: Subset,
  servicePorts: ServiceEntry["ports"],
  hostnameOf: (pod: Uid) => string | undefined,
): ServiceEndpoint[] {
  const targets = servicePorts.map(
    ({ name, protocol }) =>
      ports.find((port) => (port.name ?? "") === name && port.protocol === protocol)?.port ?? 0,
  );
  return addresses.map(({ ip, nodeName, pod, hostname: given }) => {
    const hostname = given ?? hostnameOf(pod.uid);
    const own = hostname !== undefined && { hostname };
    return { ip, ports: targets, node: nodeName, pod: pod.uid, ...own };
  });
}

/** A pod has a name of its own in the service that it names as its subdomain. */
const hostnameIn = (service: string, pod: PodRow | undefined): string | undefined =>
  pod?.spec.subdomain === service && pod.spec.hostname ? pod.spec.hostname : undefined;

/** Addresses outside the cluster name no pod and no node: those are empty. */
function manualSubsets(value: ApiObject): readonly Subset[] {
  return endpointSubsetsOf(value).map(({ addresses = [], ports = [] }) => ({
    addresses: addresses.map(({ ip, hostname, nodeName = "", targetRef }) => ({
      ip,
      ...(hostname && { hostname }),
      nodeName: nodeName as NodeName,
      pod: { name: targetRef?.name ?? "", uid: (targetRef?.uid ?? "") as Uid },
    })),
    notReadyAddresses: [],
    ports: ports.map(({ name, port, protocol = "TCP" }) => ({ ...(name && { name }), port, protocol })),
  }));
}
