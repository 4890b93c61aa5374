// `--dry-run`: nothing (none), the object as it would be sent (client), or what the cluster would make of it (server).

import type { Command } from "commander";
import { UsageError } from "./errors.ts";

export type DryRun = "none" | "client" | "server";
export interface DryRunFlags {
  readonly dryRun?: string | boolean;
}

export const addDryRunOption = (command: Command): Command =>
  command.option(
    "--dry-run [mode]",
    "only say what would happen: server (the cluster says it), client (it is not asked) or none",
  );

export function dryRunOf({ dryRun = false }: DryRunFlags): DryRun {
  if (dryRun === false || dryRun === "none" || dryRun === "false") return "none";
  if (dryRun === true || dryRun === "server") return "server";
  if (dryRun === "client" || dryRun === "true") return "client";
  throw new UsageError(`--dry-run takes none, server or client, found ${JSON.stringify(dryRun)}`);
}

/** What stands behind "created". */
export const dryRunNote = (mode: DryRun): string =>
  mode === "none" ? "" : mode === "client" ? " (dry run)" : " (server dry run)";
