// The environment variables that tell a container of the services in its namespace. Pure.
// Source: Kubernetes "Services: environment variables" and Docker's legacy container links.

import type { ServiceEntry } from "../../protocol/mod.ts";

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Sorted by service name, so that equal tables give equal environments. Headless services have none. */
export function serviceVariables(services: Iterable<ServiceEntry>, namespace: string): Variable[] {
  const variables: Variable[] = [];
  const own = [...services].filter((service) => service.namespace === namespace && hasAddress(service));
  for (const service of own.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    variables.push(...variablesOf(service));
  }
  return variables;
}
const hasAddress = (service: ServiceEntry): boolean =>
  service.clusterIP !== "None" && service.clusterIP !== "" && service.ports.length > 0;

function variablesOf(service: ServiceEntry): Variable[] {
  const prefix = variableName(service.name);
  const [first] = service.ports;
  if (!first) return [];
  const address = service.clusterIP;
  const variables: Variable[] = [
    { name: `${prefix}_SERVICE_HOST`, value: address },
    { name: `${prefix}_SERVICE_PORT`, value: String(first.port) },
  ];
  for (const { name, port } of service.ports) {
    if (name) variables.push({ name: `${prefix}_SERVICE_PORT_${variableName(name)}`, value: String(port) });
  }
  variables.push({ name: `${prefix}_PORT`, value: url(first.protocol, address, first.port) });
  for (const { port, protocol } of service.ports) {
    const link = `${prefix}_PORT_${port}_${protocol}`;
    variables.push(
      { name: link, value: url(protocol, address, port) },
      { name: `${link}_PROTO`, value: protocol.toLowerCase() },
      { name: `${link}_PORT`, value: String(port) },
      { name: `${link}_ADDR`, value: address },
    );
  }
  return variables;
}
const variableName = (name: string): string => name.toUpperCase().replaceAll(/[-.]/g, "_");
const url = (protocol: string, address: string, port: number): string =>
  `${protocol.toLowerCase()}://${address}:${port}`;
