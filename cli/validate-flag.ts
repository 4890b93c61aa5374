// `--validate`: what becomes of fields that a kind does not have, in kubectl's words.

import type { Command } from "commander";
import type { FieldValidation } from "../client/mod.ts";
import { UsageError } from "./errors.ts";

export interface ValidateFlags {
  readonly validate?: string | boolean;
}

export const addValidateOption = (command: Command): Command =>
  command.option(
    "--validate [mode]",
    "unknown fields: strict (or true) refuses them, warn names them, ignore (or false) leaves them out",
  );

const words: Readonly<Record<string, FieldValidation>> = {
  true: "Strict",
  strict: "Strict",
  warn: "Warn",
  ignore: "Ignore",
  false: "Ignore",
};

/** Empty for the default, which is the masters' too. */
export function validationOf({ validate }: ValidateFlags): { readonly fieldValidation?: FieldValidation } {
  if (validate === undefined) return {};
  const fieldValidation = words[String(validate).toLowerCase()];
  if (fieldValidation) return fieldValidation === "Strict" ? {} : { fieldValidation };
  throw new UsageError(
    `--validate takes ${Object.keys(words).join(", ")}; found ${JSON.stringify(validate)}`,
  );
}
