// What the pods of a node share: the runtime, volumes, addresses, the image puller, the services they know.

import type { Clock, Logger } from "../../actors/mod.ts";
import type { Pod, Position, ServiceEntry, Uid } from "../../protocol/mod.ts";
import type { ConfigSource } from "../configs/config-source.ts";
import type { ClusterDns } from "../dns/mod.ts";
import type { ContainerRuntime } from "../runtime/runtime.ts";
import type { ClaimVolumes } from "../volumes/claim-volumes.ts";
import type { PodVolumes } from "../volumes/pod-volumes.ts";
import type { PodAddresses } from "./addresses.ts";
import type { Gate } from "./gate.ts";
import type { ImagePuller } from "./image-puller.ts";
import type { Prober } from "./prober.ts";
import type { PodTiming } from "./timing.ts";

export interface PodHost {
  readonly cluster: string;
  readonly node: string;
  readonly hostIp: string;
  readonly runtimeName: string;
  readonly runtime: ContainerRuntime;
  readonly volumes: PodVolumes;
  readonly claims: ClaimVolumes;
  readonly configs: ConfigSource;
  /** Undefined where the runtime's network gives out the addresses. */
  readonly addresses: PodAddresses | undefined;
  readonly images: ImagePuller;
  /** Sandboxes and containers that are made at the same time. */
  readonly starts: Gate;
  readonly prober: Prober;
  readonly timing: PodTiming;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number };
  services(): Iterable<ServiceEntry>;
  /** Resolves when the service table shows this position, or when it has been waited for long enough. */
  servicesAt(position: Position): Promise<void>;
  /** The cluster's names; absent where this node has none. */
  readonly dns?: ClusterDns;
  /** True when the pod has a lease that may be started under, or needs none. */
  mayStart(pod: Uid, object: Pod): boolean;
  /** Why this node does not take a pod that comes now; undefined when it does. */
  refuses?(pod: Pod): string | undefined;
  /** Asks for a fresh look at this pod in the runtime; the answer comes as an `observed` event. */
  look(pod: Uid): void;
  /** Nothing of this pod is left in the runtime. */
  forget(pod: Uid): void;
}
