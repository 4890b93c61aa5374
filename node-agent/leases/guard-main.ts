// The guard as a program: `guard-main <agent's directory> <fence>`. Started by the agent, and apart from it: ends the
// pods of this node whose lease is over, whatever has become of the agent. Ends when no pod has a lease here.

import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openFence } from "../runtime/fence.ts";
import { identityOf, isAlive } from "../runtime/process/process-table.ts";
import { parseIdentity, readText } from "../runtime/process/wrapper.ts";
import type { FenceAddress } from "../runtime/runtime.ts";
import { runGuard } from "./guard.ts";
import { bootId, guardFiles, uptimeMs } from "./guard-files.ts";
import { parseLeaseRecord } from "./lease-record.ts";

/** The agent that starts this program says where, and nobody else does. */
function readFenceAddress(text: string): FenceAddress {
  return JSON.parse(text) as FenceAddress;
}

async function main(directory: string, address: FenceAddress): Promise<void> {
  const files = guardFiles(directory);
  const other = parseIdentity(readText(files.guard));
  if (other && isAlive(other)) return;
  const { pid, start, boot } = identityOf(process.pid);
  writeFileSync(files.guard, `${pid} ${start} ${boot}\n`);
  const say = (words: string): void =>
    appendFileSync(files.log, `${new Date().toISOString()} ${words}\n`, { mode: 0o600 });
  writeFileSync(files.log, "", { mode: 0o600 });
  await runGuard({
    fence: await openFence(address),
    uptimeMs,
    sleep,
    bootId: bootId(),
    record: () => parseLeaseRecord(readText(files.leases)),
    failed: ({ pod, type }, error) => say(`pod ${pod} has no lease, and ${type} failed: ${String(error)}`),
  });
  rmSync(files.guard, { force: true });
}

// What ends the agent's terminal or group is not meant for the guard: it ends by the record alone.
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
const [directory = "", address = ""] = process.argv.slice(2);
await main(directory, readFenceAddress(address));
