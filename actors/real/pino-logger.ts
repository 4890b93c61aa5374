// Log lines through pino: readable on a terminal, JSON otherwise.

import { createRequire } from "node:module";
import { pino, stdSerializers, type DestinationStream } from "pino";
import type pinoPretty from "pino-pretty";

import type { Logger } from "../world.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Default: when standard error is a terminal. */
  readonly pretty?: boolean;
  /** Default: standard error, which leaves standard output to a command's own result. */
  readonly destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  const pretty = options.pretty ?? process.stderr.isTTY === true;
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true });
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err, err: stdSerializers.err },
    },
    pretty ? prettyStream(destination, options.destination === undefined) : destination,
  );
}

function prettyStream(destination: DestinationStream, isStandardError: boolean): DestinationStream {
  // Loaded here only: production logs JSON and need not pay for it at start.
  const { prettyFactory }: typeof pinoPretty = createRequire(import.meta.url)("pino-pretty");
  // Line by line and at once, not through pino-pretty's stream: the last words of a crash must be seen.
  const format = prettyFactory({
    colorize: isStandardError && process.stderr.isTTY === true,
    errorLikeObjectKeys: ["error", "err"],
    ignore: "pid,hostname",
    singleLine: true,
    translateTime: "SYS:HH:MM:ss.l",
  });
  return { write: (line) => destination.write(format(line)) };
}
