// Failures as the person at the terminal reads them, and the exit code that goes with each.

import { CommanderError } from "commander";
import { BerthError } from "../protocol/mod.ts";
import { exitCodes } from "./io.ts";

/** What the command line itself got wrong; the message says what to write instead. */
export class UsageError extends Error {}

/** Ends a command that has already said what went wrong. */
export class Failed extends Error {
  readonly exitCode: number;
  constructor(exitCode: number = exitCodes.failed) {
    super("failed");
    this.exitCode = exitCode;
  }
}

/** Without a line end; undefined when everything has been said. */
export function errorText(error: unknown, verbose: boolean): string | undefined {
  if (error instanceof CommanderError || error instanceof Failed) return undefined;
  if (error instanceof UsageError) return `error: ${error.message}`;
  if (error instanceof BerthError) return berthErrorText(error);
  if (error instanceof Error) return verbose ? (error.stack ?? error.message) : `error: ${error.message}`;
  return `error: ${String(error)}`;
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof Failed) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

export function berthErrorText(error: BerthError): string {
  if (error.code === "Disconnected") return `Unable to reach the cluster: ${error.message}`;
  const causes = error.causes
    .filter(({ message }) => !error.message.includes(message))
    .map(({ field, message }) => `\n* ${field}: ${message}`);
  return `Error from server (${error.code}): ${error.message}${causes.join("")}`;
}
