// Services, endpoints and namespaces as `berth describe` shows them.

import type { Stored } from "../../client/mod.ts";
import { labelText, orNone } from "../printers/column.ts";
import { endpointsText } from "../printers/services.ts";
import { type Field, mapLines } from "./fields.ts";

/** Addresses that are shown of each port. */
const shownEndpoints = 10;

export function serviceFields(
  { metadata, spec }: Stored<"Service">,
  endpoints: Stored<"Endpoints"> | undefined,
): readonly Field[] {
  const ports = (spec?.ports ?? []).flatMap(
    ({ name, port, protocol = "TCP", targetPort, nodePort }): Field[] => [
      ["Port", `${name || "<unset>"}  ${port}/${protocol}`],
      ["TargetPort", `${targetPort ?? port}/${protocol}`],
      ["NodePort", nodePort ? `${name || "<unset>"}  ${nodePort}/${protocol}` : undefined],
    ],
  );
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Selector", labelText(spec?.selector)],
    ["Type", spec?.type ?? "ClusterIP"],
    ["IP", orNone(spec?.clusterIP)],
    ...ports,
    ["Endpoints", endpoints ? endpointsText(endpoints, shownEndpoints) : "<none>"],
    ["Session Affinity", spec?.sessionAffinity ?? "None"],
  ];
}

export function endpointsFields({ metadata, subsets }: Stored<"Endpoints">): readonly Field[] {
  const ips = (addresses: readonly { readonly ip: string }[] | undefined): string =>
    orNone((addresses ?? []).map(({ ip }) => ip).join(","));
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    [
      "Subsets",
      {
        part: (subsets ?? []).flatMap(({ addresses, notReadyAddresses, ports }): Field[] => [
          ["Addresses", ips(addresses)],
          ["NotReadyAddresses", ips(notReadyAddresses)],
          [
            "Ports",
            {
              titles: ["Name", "Port", "Protocol"],
              rows: (ports ?? []).map(({ name, port, protocol = "TCP" }) => [
                name || "<unset>",
                String(port),
                protocol,
              ]),
            },
          ],
        ]),
      },
    ],
  ];
}

export const namespaceFields = ({ metadata, status }: Stored<"Namespace">): readonly Field[] => [
  ["Labels", mapLines(metadata.labels)],
  ["Annotations", mapLines(metadata.annotations, ": ")],
  ["Status", status?.phase ?? "Active"],
];
