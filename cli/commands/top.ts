// `berth top`: what nodes and pods use now, in kubectl's columns. Without figures yet, or with old ones, it says so.

import { Command } from "commander";
import { BerthError, type NodeUsage, type PodUsage, type ResourceUsage } from "../../client/mod.ts";
import { parseBytes, parseCpuMilli } from "../../protocol/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { listOf, serialize } from "../output.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectionOf,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";
import { Table } from "../table.ts";
import { cpuText, memoryText, shareText } from "../usage-text.ts";

interface TopFlags extends SelectionFlags {
  readonly sortBy?: string;
  readonly headers: boolean;
  readonly output?: string;
}
interface NodeFlags extends TopFlags {
  readonly showCapacity?: boolean;
}
interface PodFlags extends TopFlags {
  readonly containers?: boolean;
  readonly sum?: boolean;
}

export const topCommand: CommandFactory = (cli) =>
  new Command("top")
    .description("show what nodes or pods use now")
    .addCommand(nodesCommand(cli))
    .addCommand(podsCommand(cli));

const addTopOptions = (command: Command): Command =>
  addSelectorOptions(command)
    .option("--sort-by <what>", "cpu or memory, most first (default: by name)")
    .option("--no-headers", "no line of titles")
    .option("-o, --output <form>", "json or yaml");

const nodesCommand = (cli: Cli): Command =>
  addTopOptions(cli.command("nodes", "CPU and memory that nodes use"))
    .aliases(["node", "no"])
    .argument("[names...]", "nodes; all by default")
    .option("--show-capacity", "shares of the capacity instead of what is allocatable")
    .action(cli.action<NodeFlags>(topNodes));

const podsCommand = (cli: Cli): Command =>
  addAllNamespacesOption(addTopOptions(cli.command("pods", "CPU and memory that pods use")))
    .aliases(["pod", "po"])
    .argument("[names...]", "pods; all of the namespace by default")
    .option("--containers", "each container for itself")
    .option("--sum", "the sum as a last line")
    .action(cli.action<PodFlags>(topPods));

async function topNodes(session: Session, args: readonly string[], flags: NodeFlags): Promise<void> {
  const output = outputOf(flags);
  const client = await session.client();
  const selection = selectionOf(session, flags);
  const figures = await client.topNodes(selection);
  const items = sorted(named(figures.items, args, "node"), flags);
  await session.warn(figures.warnings);
  if (output) return session.out(serialize(listOf(items.map(({ object }) => object)), output));
  const nodes = new Map(
    (await client.list("Node", selection)).map((node) => [node.metadata.name, node.status]),
  );
  const rows = items.map((node) => {
    const status = nodes.get(node.name);
    const offered = (flags.showCapacity ? status?.capacity : status?.allocatable) ?? {};
    const cpu = parseCpuMilli(offered["cpu"]);
    const memory = parseBytes(offered["memory"]);
    return [
      node.name,
      cpuText(node.cpuMilli),
      shareText(node.cpuMilli, cpu.ok ? cpu.value : 0),
      memoryText(node.memoryBytes),
      shareText(node.memoryBytes, memory.ok ? memory.value : 0),
    ];
  });
  await print(session, ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], rows, flags);
}

async function topPods(session: Session, args: readonly string[], flags: PodFlags): Promise<void> {
  const output = outputOf(flags);
  if (args.length > 0 && flags.allNamespaces)
    throw new UsageError("a name can't be looked up in all namespaces; use -n");
  const figures = await (await session.client()).topPods(selectionOf(session, flags));
  const items = sorted(named(figures.items, args, "pod"), flags);
  await session.warn(figures.warnings);
  if (output) return session.out(serialize(listOf(items.map(({ object }) => object)), output));
  const place = flags.allNamespaces ? ["NAMESPACE"] : [];
  const titles = [...place, ...(flags.containers ? ["POD"] : []), "NAME", "CPU(cores)", "MEMORY(bytes)"];
  const rows = items.flatMap((pod) => podRows(pod, flags));
  if (flags.sum && items.length > 0) {
    const blanks = titles.slice(0, -2).map(() => "");
    rows.push(["", ...blanks.slice(1), ...amounts(total(items))]);
  }
  await print(session, titles, rows, flags);
}

function podRows(pod: PodUsage, { allNamespaces, containers }: PodFlags): string[][] {
  const place = allNamespaces ? [pod.namespace] : [];
  if (!containers) return [[...place, pod.name, ...amounts(pod)]];
  return pod.containers.map((container) => [...place, pod.name, container.name, ...amounts(container)]);
}

const amounts = ({ cpuMilli, memoryBytes }: ResourceUsage): readonly string[] => [
  cpuText(cpuMilli),
  memoryText(memoryBytes),
];

const total = (items: readonly ResourceUsage[]): ResourceUsage => ({
  cpuMilli: items.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0),
  memoryBytes: items.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
});

/** All, or those that are named; a name without figures is an error. */
function named<T extends NodeUsage>(
  items: readonly T[],
  names: readonly string[],
  what: string,
): readonly T[] {
  if (names.length === 0) return items;
  return names.map((name) => {
    const found = items.find((item) => item.name === name);
    if (found) return found;
    const message = `there are no figures of ${what} "${name}" (yet): it does not exist, does not run, or was not measured`;
    throw new BerthError({ code: "NotFound", message });
  });
}

function sorted<T extends ResourceUsage>(items: readonly T[], { sortBy }: TopFlags): readonly T[] {
  if (sortBy === undefined) return items;
  if (sortBy === "cpu") return items.toSorted((one, other) => other.cpuMilli - one.cpuMilli);
  if (sortBy === "memory") return items.toSorted((one, other) => other.memoryBytes - one.memoryBytes);
  throw new UsageError(`--sort-by takes cpu or memory, found ${JSON.stringify(sortBy)}`);
}

function outputOf({ output }: TopFlags): "json" | "yaml" | undefined {
  if (output === undefined || output === "json" || output === "yaml") return output;
  throw new UsageError(`-o takes json or yaml here, found ${JSON.stringify(output)}`);
}

async function print(
  session: Session,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { headers, allNamespaces }: TopFlags,
): Promise<void> {
  if (rows.length === 0) {
    const place = allNamespaces || titles.includes("CPU(%)") ? "" : ` in ${session.namespace} namespace.`;
    return session.err(`No resources found${place}\n`);
  }
  await session.out(new Table().render(headers ? [titles, ...rows] : rows));
}
