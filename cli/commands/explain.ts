// `berth explain`: what a kind or a field is, whether it is needed, and whether Berth acts on it yet.

import { type Explanation, explainField, unwrap } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import type { Style } from "../style.ts";

const textWidth = 76;

export const explainCommand: CommandFactory = (cli) =>
  cli
    .command("explain", "say what a kind or a field is")
    .argument("<field>", "a kind or a path from it, such as pod.spec.containers")
    .action(
      cli.action<object>(async (session, [field = ""]) => {
        const [kind = "", ...path] = field.split(".");
        const explanation = unwrap(await explainField(kind, path.filter(Boolean)));
        await session.out(renderExplanation(explanation, session.style));
      }),
    );

export function renderExplanation(found: Explanation, style: Style): string {
  const title = (name: string, value: string): string => `${style.bold(`${name}:`.padEnd(9))}${value}\n`;
  const notes = [
    found.required && found.path ? "-required-" : "",
    found.supported ? "" : "-not supported yet-",
  ];
  const field =
    found.path === ""
      ? ""
      : title("FIELD", [found.path, `<${found.type}>`, ...notes].filter(Boolean).join(" "));
  const fields = found.fields.map((one) => {
    const marks = [one.required ? "-required-" : "", one.supported ? "" : "-not supported yet-"]
      .filter(Boolean)
      .join(" ");
    const head = `  ${style.bold(one.name)}\t<${one.type}>${marks ? ` ${style.yellow(marks)}` : ""}`;
    return `${head}\n${wrap(one.description, "    ")}`;
  });
  return [
    title("KIND", found.kind),
    title("VERSION", found.apiVersion),
    field,
    `\n${style.bold("DESCRIPTION:")}\n${wrap(found.description, "  ")}`,
    fields.length > 0 ? `\n${style.bold("FIELDS:")}\n${fields.join("\n")}` : "",
  ].join("");
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
