// A logger that keeps its lines, for tests that look at them.

import type { Logger } from "../world.ts";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface MemoryLogger extends Logger {
  readonly lines: readonly LogLine[];
}

export function createMemoryLogger(): MemoryLogger {
  const lines: LogLine[] = [];
  return { ...boundLogger(lines, {}), lines };
}

function boundLogger(lines: LogLine[], bound: object): Logger {
  const at =
    (level: LogLine["level"]) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields: { ...bound, ...fields } });
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => boundLogger(lines, { ...bound, ...fields }),
  };
}
