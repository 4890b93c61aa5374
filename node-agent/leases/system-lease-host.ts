// Leases on a real machine: a file that agent and guard share, and the guard as a program of its own.

import { spawn } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isAlive } from "../runtime/process/process-table.ts";
import { parseIdentity, readText } from "../runtime/process/wrapper.ts";
import { bootId, guardFiles, uptimeMs } from "./guard-files.ts";
import type { LeaseHost } from "./lease-host.ts";

/** A guard that was started is not started again before this, while nothing is seen of it. */
const startPatienceMs = 3_000;

export function systemLeaseHost(directory: string): LeaseHost {
  const files = guardFiles(directory);
  let startedAt = Number.NEGATIVE_INFINITY;
  const guarded = (): boolean => {
    const identity = parseIdentity(readText(files.guard));
    return identity !== undefined && isAlive(identity);
  };
  return {
    uptimeMs,
    bootId: bootId(),
    guarded,
    load: () => readText(files.leases),
    save(text) {
      mkdirSync(files.folder, { recursive: true, mode: 0o700 });
      // Replaced whole; not synced: no pod and no lease outlives the host.
      writeFileSync(`${files.leases}.new`, text, { mode: 0o600 });
      renameSync(`${files.leases}.new`, files.leases);
    },
    startGuard(fence) {
      if (uptimeMs() - startedAt < startPatienceMs) return;
      startedAt = uptimeMs();
      const program = import.meta.url.endsWith(".ts") ? "./guard-main.ts" : "./guard-main.js";
      const path = fileURLToPath(new URL(program, import.meta.url));
      // A session of its own: what ends the agent, its terminal or its group does not end it.
      const child = spawn(process.execPath, [path, directory, JSON.stringify(fence)], {
        detached: true,
        stdio: "ignore",
        cwd: "/",
      });
      // What does not start is not seen to run, and no pod with a lease starts.
      child.once("error", () => undefined);
      child.unref();
    },
  };
}
