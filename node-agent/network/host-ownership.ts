// Decides which agent of a host programs the host's data plane. Several agents may share one network namespace
// (a cluster on one machine); rules and listeners on service addresses can belong to one of them only.
// The lock is a listening unix socket in the abstract namespace: the kernel frees it when its owner ends, however it ends.

import { createHash } from "node:crypto";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Logger } from "../../actors/mod.ts";

export interface HostOwnership {
  readonly owned: boolean;
  release(): Promise<void>;
}

export interface HostOwnershipOptions {
  /** Same name, same lock: the cluster's name. */
  readonly cluster: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, when this agent has become the owner. */
  readonly onOwned: () => void;
}

const retryMs = 50;

/** Waits in the background until no other agent owns the host; the owner's death is seen at once. */
export function acquireHostOwnership(options: HostOwnershipOptions): HostOwnership {
  const path = lockPath(options.cluster);
  let server: Server | undefined;
  let waiting: Socket | undefined;
  let owned = false;
  let released = false;

  const claim = (): void => {
    if (released) return;
    const attempt = createServer((socket) => socket.on("error", () => socket.destroy()));
    server = attempt;
    attempt.once("error", waitForOwner);
    attempt.listen(path, () => {
      owned = true;
      options.onOwned();
    });
    attempt.unref();
  };

  /** Holds a connection to the owner; its end is the owner's end. */
  const waitForOwner = (): void => {
    server = undefined;
    if (released) return;
    waiting = createConnection(path);
    waiting.unref();
    waiting.on("error", () => undefined);
    waiting.once("close", () => {
      if (!released) options.clock.after(retryMs, claim);
    });
  };

  claim();
  return {
    get owned() {
      return owned;
    },
    release: async () => {
      released = true;
      owned = false;
      waiting?.destroy();
      const held = server;
      if (held?.listening) await new Promise<void>((resolve) => held.close(() => resolve()));
    },
  };
}

/** Abstract where Linux has it; elsewhere a socket file, which a crash may leave behind for the next start to replace. */
function lockPath(cluster: string): string {
  const name = `berth-data-plane-${createHash("sha256").update(cluster).digest("hex").slice(0, 16)}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}
