// Wires what keeps a node from running full: the watch over its resources and the keeper of its images.

import type { AgentMessage } from "./agent-message.ts";
import type { AgentHost } from "./host/agent-host.ts";
import { ImageKeeper } from "./images/image-keeper.ts";
import type { PodFleet } from "./pod-fleet.ts";
import { podFigures } from "./pressure/pod-figures.ts";
import { PressureWatch } from "./pressure/pressure-watch.ts";
import type { RuntimeInfo } from "./runtime/runtime.ts";
import type { StartAgentOptions } from "./start-options.ts";

/** Looks through the images that this agent pulled; without a disk of its own a runtime has none. */
export function imageKeeper(
  { runtime, world, node, imageGc }: StartAgentOptions,
  host: AgentHost,
  { root }: RuntimeInfo,
): ImageKeeper {
  return new ImageKeeper({
    runtime,
    record: host.images,
    clock: world.clock,
    logger: world.logger.child({ node }),
    settings: imageGc,
    disk: async () => (root === undefined ? undefined : (await host.signals(root))["imagefs.available"]),
  });
}

interface Watching {
  readonly options: StartAgentOptions;
  readonly host: AgentHost;
  readonly info: RuntimeInfo;
  readonly images: ImageKeeper;
  readonly fleet: { readonly pods?: PodFleet<AgentMessage> };
  readonly tell: (message: AgentMessage) => void;
}

/** Undefined where nobody asked for it. */
export function pressureWatch(watching: Watching): PressureWatch | undefined {
  const { options, host, info, images, fleet, tell } = watching;
  const { runtime, world, node, pressure: settings } = options;
  if (!settings) return undefined;
  // Conditions are told from the start, also that there are none.
  tell({ type: "pressure", conditions: new Set() });
  return new PressureWatch({
    settings,
    clock: world.clock,
    logger: world.logger.child({ node }),
    measure: () => host.signals(info.root),
    figures: (of) => podFigures({ runtime, volumes: host.volumes, pods: fleet.pods?.members() ?? [], of }),
    async freeDisk() {
      for (const uid of fleet.pods?.uids() ?? []) fleet.pods?.deliver(uid, { type: "free-disk" });
      await images.collectAll();
    },
    evict: (pod, message, graceSeconds) => fleet.pods?.deliver(pod, { type: "evict", message, graceSeconds }),
    changed: (conditions) => tell({ type: "pressure", conditions }),
  });
}
