// The proxy of a node without virtual addresses: it accepts every table and changes nothing.

import type { ServiceProxy } from "./network/service-proxy.ts";

export const noProxy: ServiceProxy = {
  kind: "none",
  replace: () => Promise.resolve(),
  set: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  describe: () => "services have no virtual addresses on this node",
  close: () => Promise.resolve(),
};
