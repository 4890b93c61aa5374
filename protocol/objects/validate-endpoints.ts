// Rules for endpoints that a user makes for a service without a selector.

import { isDnsLabel, isDnsSubdomain } from "../ids.ts";
import type { Endpoints, EndpointSubset } from "./object.ts";
import type { Report } from "./report.ts";
import { validateAddress, validatePort, validateUnique } from "./validate-scalars.ts";

export function validateEndpoints({ subsets = [] }: Endpoints, report: Report): void {
  for (const [index, subset] of subsets.entries()) validateSubset(subset, `subsets[${index}]`, report);
}

function validateSubset(subset: EndpointSubset, path: string, report: Report): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length + notReadyAddresses.length === 0) {
    report.add(path, "Required", "must have addresses or notReadyAddresses");
  }
  for (const [list, items] of Object.entries({ addresses, notReadyAddresses })) {
    for (const [index, address] of items.entries()) {
      const at = `${path}.${list}[${index}]`;
      validateAddress(address.ip, `${at}.ip`, report);
      if (address.nodeName && !isDnsSubdomain(address.nodeName)) {
        report.add(`${at}.nodeName`, "Invalid", "must be the name of a node, an RFC 1123 subdomain");
      }
    }
  }
  for (const [index, port] of ports.entries()) {
    const at = `${path}.ports[${index}]`;
    validatePort(port.port, `${at}.port`, report);
    if (!port.name && ports.length > 1)
      report.add(`${at}.name`, "Required", "is required when there are several ports");
    if (port.name && !isDnsLabel(port.name)) {
      report.add(`${at}.name`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
    }
  }
  validateUnique(
    ports.map((port) => port.name),
    (index) => `${path}.ports[${index}].name`,
    report,
  );
}
