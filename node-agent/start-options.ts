// What an agent is started with.

import type { Bus, World } from "../actors/mod.ts";
import type { NodeName, Prefix } from "../protocol/mod.ts";
import type { ClusterDnsOptions } from "./dns/mod.ts";
import type { AgentHost } from "./host/agent-host.ts";
import type { ImageGcSettings } from "./images/image-gc.ts";
import type { ServiceProxy } from "./network/service-proxy.ts";
import type { PodTiming } from "./pods/timing.ts";
import type { PressureSettings } from "./pressure/thresholds.ts";
import type { ContainerRuntime } from "./runtime/runtime.ts";

export interface StartAgentOptions {
  readonly world: World;
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly node: NodeName;
  /** Marks what is ours on this host. */
  readonly cluster: string;
  readonly runtime: ContainerRuntime;
  /** Without one, services have no virtual addresses on this node. */
  readonly proxy?: ServiceProxy;
  /** Without it, pods resolve names as their host does, and no service has one. */
  readonly dns?: Pick<ClusterDnsOptions, "domain" | "hostFile" | "port">;
  /** The agent's files: record, volumes, logs. One agent each. */
  readonly directory: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What is offered to pods; the runtime's own figures by default, and 110 pods. */
  readonly capacity?: { readonly cpuMilli?: number; readonly memoryBytes?: number; readonly pods?: number };
  readonly version: string;
  readonly timing?: Partial<PodTiming>;
  /** The machine; the real one by default. */
  readonly host?: AgentHost;
  /** Sandboxes and containers made at the same time. Default 8. */
  readonly parallelStarts?: number;
  /** How often usage is measured and published. Default 10 s. */
  readonly usageIntervalMs?: number;
  /** When the node is under pressure; without it pressure is not looked for. */
  readonly pressure?: PressureSettings;
  readonly imageGc?: ImageGcSettings;
}
