// The network of one host: how services are reached, and which of its agents looks after it.

import type { World } from "../../actors/mod.ts";
import { nftablesUsable } from "./nftables/nft.ts";
import { createNftablesProxy } from "./nftables/nftables-proxy.ts";
import type { ServiceProxy } from "./service-proxy.ts";
import { shareHost } from "./shared-proxy.ts";
import { createUserspaceProxy } from "./userspace/userspace-proxy.ts";

export type { ServiceProxy } from "./service-proxy.ts";
export { acquireHostOwnership, type HostOwnership } from "./host-ownership.ts";
export { nftablesUsable };

/** `cluster` names the lock by which the agents of one host agree on who programs its data plane. */
export function createServiceProxy(
  kind: "nftables" | "userspace",
  options: { readonly cluster: string; readonly world: World },
): ServiceProxy {
  const { cluster, world } = options;
  const proxy =
    kind === "nftables"
      ? createNftablesProxy({ cluster, logger: world.logger })
      : createUserspaceProxy(world);
  return shareHost(proxy, { cluster, clock: world.clock, logger: world.logger });
}
