// Every filter, in the order in which nodes are asked: a node is refused for the reasons of its first refusal,
// so what says most about a node comes first and what changes with each placement last.

import { cordon } from "./cordon.ts";
import type { Filter } from "./filter.ts";
import { hostPorts } from "./host-ports.ts";
import { nodeName } from "./node-name.ts";
import { nodeSelector } from "./node-selector.ts";
import { nodeState } from "./node-state.ts";
import { resources } from "./resources.ts";
import { taints } from "./taints.ts";

export type { Filter, Refuse } from "./filter.ts";
export const filters: readonly Filter[] = [
  nodeState,
  cordon,
  nodeName,
  taints,
  nodeSelector,
  hostPorts,
  resources,
];
