// What a person may say to the project's own programs. Asked for help, or told what they don't know, they print how they
// are used and end.

import { parseArgs, type ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

const endedWell = 0;
const usedWrong = 2;

/** The options, and the words where the program takes some. Ends this process after `--help` or what is not in `options`. */
export function programArguments<const Known extends Options>(
  usage: string,
  { options, words = false }: { readonly options: Known; readonly words?: boolean },
) {
  try {
    const parsed = parseArgs({
      // npm passes what stands behind `--`; without npm the sign itself comes along.
      args: process.argv.slice(process.argv[2] === "--" ? 3 : 2),
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    const [word] = parsed.positionals;
    if (word !== undefined && !words) return refuse(usage, `Unexpected argument '${word}'`);
    if (!process.argv.slice(2).some((word) => word === "--help" || word === "-h")) return parsed;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What follows the first sentence is about words that begin with a dash.
    return refuse(usage, error.message.split(". ")[0] ?? "");
  }
  console.log(usage);
  process.exit(endedWell);
}

/** Says what is wrong and how it is written, and ends this process. */
export function refuse(usage: string, what: string): never {
  console.error(`${what}\n\n${usage}`);
  process.exit(usedWrong);
}

/** A number of 0 or more; undefined where none is given. */
export function numberGiven(
  usage: string,
  option: string,
  { text, whole = false }: { readonly text: string | undefined; readonly whole?: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const isOne = whole ? /^\d+$/.test(text) : /^\d+(\.\d+)?$/.test(text);
  return isOne
    ? Number(text)
    : refuse(usage, `${option} takes a ${whole ? "whole " : ""}number, found ${JSON.stringify(text)}`);
}
