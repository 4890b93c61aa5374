// Hears what agents and programs publish, whichever master this is: figures are not the leader's alone.

import type { Bus, BusSubscription, Clock, Logger } from "../../actors/mod.ts";
import {
  metricsWildcard,
  parseNodeName,
  parseNodeSubject,
  type Prefix,
  usageWildcard,
} from "../../protocol/mod.ts";
import { createComplaints } from "../complaints.ts";
import type { Figures } from "./figures.ts";

export interface FiguresOptions {
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly figures: Figures;
}

export function listenToFigures(options: FiguresOptions): readonly BusSubscription[] {
  const { bus, prefix, figures } = options;
  const complain = createComplaints(options);
  return [
    bus.subscribe(usageWildcard(prefix), ({ subject, data }) => {
      const parts = parseNodeSubject(subject);
      const node = parts.ok ? parseNodeName(parts.value.node) : parts;
      if (node.ok) figures.hearUsage(node.value, data);
      else complain(subject, node.error.message);
    }),
    bus.subscribe(metricsWildcard(prefix), ({ subject, data }) => {
      const heard = figures.hearMetric(subject, data);
      if (!heard.ok) complain(subject, heard.error.message);
    }),
  ];
}
