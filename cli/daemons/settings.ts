// Settings of the daemons, one table for all three sources: flags win over BERTH_… variables, these over the
// configuration file, and that over the defaults.

import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { parse } from "yaml";
import { z } from "zod";
import { BerthError } from "../../protocol/mod.ts";
import { parseDuration } from "../age.ts";

export interface Setting<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  readonly description: string;
  /** How the flag's value is shown in the help: `<urls>`. */
  readonly value: string;
}

export type SettingTable = Readonly<Record<string, Setting>>;
export type Settings<T extends SettingTable> = { readonly [K in keyof T]: z.infer<T[K]["schema"]> };

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const variable = (name: string): string => `BERTH_${kebab(name).replaceAll("-", "_").toUpperCase()}`;

/** Adds `--config` and a flag for each setting. */
export function addSettings(command: Command, table: SettingTable): Command {
  command.option("--config <file>", "YAML file with the same settings (env BERTH_CONFIG)");
  for (const [name, { description, value }] of Object.entries(table)) {
    command.addOption(new Option(`--${kebab(name)} ${value}`, `${description} (env ${variable(name)})`));
  }
  return command;
}

/** Throws BerthError Invalid that names every setting that is wrong and where it came from. */
export function readSettings<T extends SettingTable>(
  table: T,
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Settings<T> {
  const file = (flags["config"] as string | undefined) ?? env["BERTH_CONFIG"];
  const merged: Record<string, unknown> = file === undefined ? {} : readFile(file, table);
  for (const name of Object.keys(table)) {
    const value = flags[name] ?? env[variable(name)];
    if (value !== undefined) merged[name] = value;
  }
  const shape = Object.fromEntries(Object.entries(table).map(([name, { schema }]) => [name, schema]));
  const parsed = z.strictObject(shape).safeParse(merged);
  if (parsed.success) return parsed.data as Settings<T>;
  const lines = parsed.error.issues.map(
    ({ path, message }) =>
      `  --${kebab(String(path[0] ?? ""))} (${variable(String(path[0] ?? ""))}): ${message}`,
  );
  throw new BerthError({ code: "Invalid", message: `these settings are wrong:\n${lines.join("\n")}` });
}

function readFile(file: string, table: SettingTable): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"), { maxAliasCount: 0 });
  } catch (error) {
    throw new BerthError({ code: "Invalid", message: `cannot read configuration ${file}: ${String(error)}` });
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new BerthError({ code: "Invalid", message: `${file} must hold a mapping of settings` });
  }
  const unknown = Object.keys(content).filter((name) => !(name in table));
  if (unknown.length > 0) {
    const known = Object.keys(table).join(", ");
    throw new BerthError({
      code: "Invalid",
      message: `${file}: unknown settings ${unknown.join(", ")}; known are ${known}`,
    });
  }
  return { ...content };
}

// ---- schemas that several tables use ----

/** A list, also as text with commas. */
export const textList = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").filter(Boolean) : value),
  z.array(z.string()),
);
/** A mapping, also as text `a=b,c=d`. */
export const textMap = z.preprocess(
  (value) => {
    if (typeof value !== "string") return value;
    return Object.fromEntries(
      value
        .split(",")
        .filter(Boolean)
        .map((pair) => {
          const [key = "", ...rest] = pair.split("=");
          return [key, rest.join("=")];
        }),
    );
  },
  z.record(z.string(), z.string()),
);
/** A length of time such as `10s`, `1m30s` or `500ms`, in milliseconds; a bare number is in seconds. */
export const durationMs = z.preprocess(
  (value) => (typeof value === "string" ? (parseDuration(value) ?? value) : value),
  z.number("must be a length of time such as 10s, 1m30s or 500ms"),
);
export const cidr = z
  .string()
  .regex(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, "must be an IPv4 range such as 10.96.0.0/16");

export const connectionSettings = {
  servers: {
    schema: textList.default(["nats://127.0.0.1:4222"]),
    value: "<urls>",
    description: "NATS servers, separated by commas",
  },
  prefix: {
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,31}$/)
      .default("berth"),
    value: "<name>",
    description: "first token of every subject; one per cluster on a shared NATS",
  },
  natsUser: { schema: z.string().optional(), value: "<name>", description: "user at the NATS server" },
  natsPassword: {
    schema: z.string().optional(),
    value: "<text>",
    description: "its password (better in the file or the environment)",
  },
  logLevel: {
    schema: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
    value: "<level>",
    description: "debug, info, warn, error or silent",
  },
} as const satisfies SettingTable;
