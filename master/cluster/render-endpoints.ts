// Endpoint subsets in their Kubernetes shape.

import type { EndpointSubset, EndpointSubsetValue, Uid } from "../../protocol/mod.ts";

export const renderSubsets = (
  namespace: string,
  subsets: readonly EndpointSubsetValue[],
): readonly EndpointSubset[] =>
  subsets.map(({ addresses, notReadyAddresses, ports }) => ({
    ...(addresses.length > 0 && { addresses: addresses.map((one) => renderAddress(namespace, one)) }),
    ...(notReadyAddresses.length > 0 && {
      notReadyAddresses: notReadyAddresses.map((one) => renderAddress(namespace, one)),
    }),
    ...(ports.length > 0 && {
      ports: ports.map(({ name, port, protocol }) => ({
        ...(name && { name }),
        port,
        protocol: protocol === "UDP" ? ("UDP" as const) : ("TCP" as const),
      })),
    }),
  }));

const renderAddress = (
  namespace: string,
  { ip, nodeName, pod }: EndpointSubsetValue["addresses"][number],
): NonNullable<EndpointSubset["addresses"]>[number] => ({
  ip,
  ...(nodeName && { nodeName }),
  ...(pod.uid && { targetRef: { kind: "Pod", namespace, name: pod.name, uid: pod.uid } }),
});

/** The control plane's Endpoints of a service are named by it, so that every master gives them the same uid. */
export const endpointsUid = (service: Uid): Uid => `${service}-ep` as Uid;
