// What people do to nodes: `cordon`, `uncordon`, `taint`.

import type { Command } from "commander";
import { BerthError, type Selection } from "../../client/mod.ts";
import type { Taint } from "../../protocol/mod.ts";
import { attemptEach } from "../attempt-each.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { parseNameOf } from "../resource-args.ts";
import type { Session } from "../session.ts";
import { applyTaintChanges, parseTaintChange, taintProblem } from "../taint-changes.ts";

export interface NodeFlags {
  readonly selector?: string;
  readonly all?: boolean;
}
export const cordonCommand: CommandFactory = (cli) => cordoning(cli, true);
export const uncordonCommand: CommandFactory = (cli) => cordoning(cli, false);

function cordoning(cli: Cli, on: boolean): Command {
  const [name, description, word] = on
    ? ["cordon", "keep new pods away from nodes", "cordoned"]
    : ["uncordon", "let new pods come to nodes again", "uncordoned"];
  return cli
    .command(name, description)
    .argument("[nodes...]", "names of nodes")
    .option("-l, --selector <labels>", "nodes whose labels match")
    .action(
      cli.action<NodeFlags>((session, args, flags) =>
        eachNode(session, args, flags, async (node) => {
          const client = await session.client();
          const present = await client.get("Node", node, { signal: session.signal });
          if ((present.spec?.unschedulable === true) === on)
            return await session.out(`node/${node} already ${word}\n`);
          await client[on ? "cordon" : "uncordon"](node, { signal: session.signal });
          await session.out(`node/${node} ${word}\n`);
        }),
      ),
    );
}

export const taintCommand: CommandFactory = (cli) =>
  cli
    .command("taint", "set and remove taints of nodes")
    .argument("<what...>", "nodes, then key=value:effect to set and key:effect- to remove")
    .option("-l, --selector <labels>", "nodes whose labels match")
    .option("--all", "all nodes")
    .option("--overwrite", "also where there is a taint of this key and effect")
    .action(
      cli.action<NodeFlags & { readonly overwrite?: boolean }>((session, args, flags) => {
        const rest = /^(nodes?|no)$/.test(args[0] ?? "") ? args.slice(1) : args;
        const words = rest.filter((word) => /[=:]|-$/.test(word));
        if (words.length === 0)
          throw new UsageError("say which taints: key=value:effect sets, key:effect- removes");
        const changes = words.map(parseTaintChange);
        const names = rest.filter((word) => !words.includes(word));
        const { overwrite = false } = flags;
        const kinds = new Set(changes.map(({ type }) => type));
        const word = kinds.size > 1 ? "modified" : kinds.has("remove") ? "untainted" : "tainted";
        return eachNode(session, names, flags, async (node) => {
          const client = await session.client();
          const change = (taints: readonly Taint[]): readonly Taint[] => {
            const message = taintProblem(node, taints, { changes, overwrite });
            if (message !== undefined) throw new BerthError({ code: "Conflict", message });
            return applyTaintChanges(taints, changes);
          };
          await client.taint(node, change, { signal: session.signal });
          await session.out(`node/${node} ${word}\n`);
        });
      }),
    );

/** One after the other; a node that fails does not keep the others from their turn. */
export async function eachNode(
  session: Session,
  args: readonly string[],
  { selector, all = false }: NodeFlags,
  action: (node: string) => Promise<void>,
): Promise<number> {
  const names = args.map((arg) => parseNameOf("Node", arg));
  if (names.length > 0 && (all || selector !== undefined)) {
    throw new UsageError("give names of nodes or select them, not both");
  }
  if (selector !== undefined || all) {
    const { signal } = session;
    const selection: Selection = selector === undefined ? { signal } : { labelSelector: selector, signal };
    const nodes = await (await session.client()).list("Node", selection);
    names.push(...nodes.map(({ metadata }) => metadata.name ?? ""));
  } else if (names.length === 0) throw new UsageError("name the nodes, or select them with -l");
  return await attemptEach(session, names, action);
}
