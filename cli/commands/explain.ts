// `berth explain`: what a kind or a field is, whether it is needed, and whether Berth acts on it yet.

import { type Explanation, explainField, type FieldOutline, outlineOf } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import type { Style } from "../style.ts";

const textWidth = 76;

interface ExplainFlags {
  readonly recursive?: boolean;
  readonly apiVersion?: string;
}

export const explainCommand: CommandFactory = (cli) =>
  cli
    .command("explain", "say what a kind or a field is")
    .argument("<field>", "a kind or a path from it, such as pod.spec.containers")
    .option("--recursive", "only names and types, of all fields below it")
    .option("--api-version <version>", "the kind's version, such as apps/v1")
    .action(
      cli.action<ExplainFlags>(async (session, [field = ""], flags) => {
        const [kind = "", ...path] = field.split(".").filter(Boolean);
        const found = await explainField(kind, path);
        if (!found.ok) {
          // No server has said this: the documentation is the program's own.
          await session.err(`error: ${found.error.message}\n`);
          return exitCodes.failed;
        }
        const { apiVersion } = found.value;
        if (flags.apiVersion !== undefined && flags.apiVersion !== apiVersion) {
          throw new UsageError(`${found.value.kind} is in version ${apiVersion}, not in ${flags.apiVersion}`);
        }
        const outline = flags.recursive ? outlineOf(found.value) : undefined;
        await session.out(renderExplanation(found.value, session.style, outline));
        return exitCodes.done;
      }),
    );

const marksOf = ({
  required,
  supported,
}: {
  readonly required: boolean;
  readonly supported: boolean;
}): string =>
  [required ? "-required-" : "", supported ? "" : "-not supported yet-"].filter(Boolean).join(" ");

export function renderExplanation(
  found: Explanation,
  style: Style,
  outline?: readonly FieldOutline[],
): string {
  const title = (name: string, value: string): string => `${style.bold(`${name}:`.padEnd(9))}${value}\n`;
  const notes = marksOf({ required: found.required && found.path !== "", supported: found.supported });
  const field =
    found.path === "" ? "" : title("FIELD", [found.path, `<${found.type}>`, notes].filter(Boolean).join(" "));
  const fields = outline
    ? renderOutline(outline, style, "  ")
    : found.fields.map((one) => renderField(one, style)).join("\n");
  return [
    title("KIND", found.kind),
    title("VERSION", found.apiVersion),
    field,
    `\n${style.bold("DESCRIPTION:")}\n${wrap(found.description, "  ")}`,
    fields.length > 0 ? `\n${style.bold("FIELDS:")}\n${fields}` : "",
  ].join("");
}

function renderField(one: Explanation["fields"][number], style: Style): string {
  const marks = marksOf(one);
  const head = `  ${style.bold(one.name)}\t<${one.type}>${marks ? ` ${style.yellow(marks)}` : ""}`;
  return `${head}\n${wrap(one.description, "    ")}`;
}

function renderOutline(outline: readonly FieldOutline[], style: Style, indent: string): string {
  return outline
    .map(({ name, type, fields, ...rest }) => {
      const marks = marksOf(rest);
      const head = `${indent}${style.bold(name)}\t<${type}>${marks ? ` ${style.yellow(marks)}` : ""}\n`;
      return head + renderOutline(fields, style, `${indent}  `);
    })
    .join("");
}

function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  for (const paragraph of (text || "<no description>").split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/)) {
      if (line && line.length + 1 + word.length > textWidth) {
        lines.push(line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    lines.push(line);
  }
  return lines.map((line) => `${line ? indent + line : ""}\n`).join("");
}
