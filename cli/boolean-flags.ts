// `--force=true`, `--wait=false`: flags that are there or not, with their value written out, as kubectl takes each of them.

import type { Command, Option } from "commander";

export interface PlainArguments {
  readonly argv: readonly string[];
  /** Flags that were switched off by name. */
  readonly off: ReadonlySet<string>;
}

/** Go's words for the two. */
const words: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false] as const),
]);

/** What stands behind `--` and what is no flag of the command stays as it is. */
export function plainArguments(program: Command, argv: readonly string[]): PlainArguments {
  const plain: string[] = [];
  const off = new Set<string>();
  let command = program;
  let takesNext = false;
  for (const [index, word] of argv.entries()) {
    if (word === "--") return { argv: [...plain, ...argv.slice(index)], off };
    if (takesNext || !word.startsWith("-")) {
      if (!takesNext) command = subcommand(command, word) ?? command;
      takesNext = false;
      plain.push(word);
      continue;
    }
    const [name = "", text] = word.split(/=([^]*)/);
    const option = optionOf(command, name);
    takesNext = text === undefined && option?.required === true;
    const value = text === undefined && option?.negate ? true : words.get(text ?? "");
    const isBoolean = option !== undefined && !option.required && !option.optional;
    if (!isBoolean || value === undefined) plain.push(word);
    // `--no-headers` stands for `--headers=false` too, where only that is known.
    else if (value === (name === option.long || name === option.short)) plain.push(option.long ?? name);
    else if (!option.negate) off.add(option.attributeName());
  }
  return { argv: plain, off };
}

const subcommand = (command: Command, word: string): Command | undefined =>
  command.commands.find((each) => each.name() === word || each.aliases().includes(word));

function optionOf(command: Command, name: string): Option | undefined {
  for (let at: Command | null = command; at; at = at.parent) {
    const exact = at.options.find(({ long, short }) => name === long || name === short);
    const found = exact ?? at.options.find(({ long }) => long === name.replace(/^--/, "--no-"));
    if (found) return found;
  }
  return undefined;
}
