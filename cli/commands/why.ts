// `berth why`: how an object came to be as it is, as a tree of events and what led to them.

import type { WhyNode } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { serialize } from "../output.ts";
import { parseNamedArgs } from "../resource-args.ts";
import type { Style } from "../style.ts";

export const whyCommand: CommandFactory = (cli) =>
  cli
    .command("why", "tell how an object came to be as it is")
    .argument("<what...>", "kind/name, or a kind and a name; it may be gone already")
    .option("-o, --output <form>", "json")
    .action(
      cli.action<{ readonly output?: string }>(async (session, args, { output }) => {
        if (output !== undefined && output !== "json") throw new UsageError(`-o takes json, found ${output}`);
        const client = await session.client();
        for (const { kind, name } of parseNamedArgs(args)) {
          const story = await client.why(kind, name, {
            namespace: session.namespace,
            signal: session.signal,
          });
          const text =
            output === "json" ? serialize(story, "json") : renderStory(story, session.now(), session.style);
          await session.out(text);
        }
      }),
    );

/** The story as lines; ages stand before the words, positions after them. */
export function renderStory(story: WhyNode, now: number, style: Style): string {
  const lines: string[] = [];
  const walk = (node: WhyNode, indent: string, children: string): void => {
    lines.push(`${style.dim(indent)}${nodeText(node, now, style)}`);
    for (const [index, child] of node.children.entries()) {
      const last = index === node.children.length - 1;
      walk(child, `${children}${last ? "└─ " : "├─ "}`, `${children}${last ? "   " : "│  "}`);
    }
  };
  walk(story, "", "");
  return lines.map((line) => `${line}\n`).join("");
}

function nodeText({ text, at, event }: WhyNode, now: number, style: Style): string {
  const age = at === undefined ? "" : `${style.cyan(ageOf(at, now))} ago  `;
  const position = event === undefined ? "" : style.dim(`  @${event.position}`);
  return `${age}${event === undefined ? style.bold(text) : text}${position}`;
}
