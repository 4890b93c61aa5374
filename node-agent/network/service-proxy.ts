// The data plane of services as the agent sees it; implementations: nftables and user space.

import type { ServiceEntry } from "../../protocol/mod.ts";

export interface ServiceProxy {
  readonly kind: "nftables" | "userspace" | "none";
  /** Makes the data plane show exactly these services. Resolves when traffic follows it. */
  replace(services: readonly ServiceEntry[]): Promise<void>;
  /** Adds or changes one service; established connections to endpoints that stay are not touched. */
  set(service: ServiceEntry): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
  /** For people: what stands between a client and this service, e.g. which node owns the rules of this host. */
  describe(): string;
  /** Releases sockets; `cleanUp` also removes every rule. */
  close(options: { readonly cleanUp: boolean }): Promise<void>;
}
