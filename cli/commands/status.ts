// `berth status`: is the cluster well; who leads, which nodes are there, how long the log is, what needs a person.

import type { ClusterStatus } from "../../client/mod.ts";
import { ageOf, humanDuration } from "../age.ts";
import { bytesText } from "../bytes.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { serialize } from "../output.ts";
import type { Style } from "../style.ts";
import { Table } from "../table.ts";

export const statusCommand: CommandFactory = (cli) =>
  cli
    .command("status", "show masters, nodes, log, versions and what needs a person")
    .option("-o, --output <form>", "json or yaml")
    .action(
      cli.action<{ readonly output?: string }>(async (session, _args, { output }) => {
        if (output !== undefined && output !== "json" && output !== "yaml") {
          throw new UsageError(`-o takes json or yaml, found ${output}`);
        }
        const client = await session.client();
        const status = await client.status({ signal: session.signal });
        const text = output ? serialize(status, output) : renderStatus(status, session.now(), session.style);
        await session.out(text);
      }),
    );

export function renderStatus(status: ClusterStatus, now: number, style: Style): string {
  const parts = [
    cluster(status, style),
    masters(status, now, style),
    nodes(status, style),
    log(status, now, style),
  ];
  if (status.notices.length > 0) {
    parts.push(
      [style.bold("Notices"), ...status.notices.map((notice) => `  ${style.yellow("!")} ${notice}`), ""].join(
        "\n",
      ),
    );
  }
  return parts.join("\n");
}

function cluster({ prefix, version, leader, epoch, nats }: ClusterStatus, style: Style): string {
  const led = leader ? `led by ${style.green(leader)} (epoch ${epoch})` : style.red("without a leader");
  return `${style.bold(`Cluster ${prefix}`)}, Berth ${version}, ${led}\nNATS ${nats.version} at ${nats.url}\n`;
}

function masters({ masters: all }: ClusterStatus, now: number, style: Style): string {
  const rows = all.map(({ id, leader, position, version, startedAt }) => [
    `  ${id}`,
    leader ? "leader" : "standby",
    String(position),
    version,
    ageOf(startedAt, now),
  ]);
  const table = new Table().render([["  MASTER", "ROLE", "POSITION", "VERSION", "UP"], ...rows]);
  return `${style.bold("Masters")}\n${table}`;
}

function nodes({ nodes: all }: ClusterStatus, style: Style): string {
  if (all.length === 0) return `${style.bold("Nodes")}\n  none; start one with \`berth agent\`\n`;
  const colours = {
    Ready: style.green,
    Suspected: style.yellow,
    Lost: style.red,
    Unknown: style.yellow,
  } as const;
  const rows = all.map(({ name, state, lastSeenMs, pods, runtime, agentVersion, inSync }) => [
    `  ${name}`,
    colours[state](state),
    String(pods),
    runtime,
    agentVersion,
    lastSeenMs === undefined ? "<unknown>" : `${humanDuration(lastSeenMs)} ago`,
    inSync ? "yes" : style.yellow("no"),
  ]);
  const titles = ["  NODE", "STATE", "PODS", "RUNTIME", "AGENT", "SEEN", "IN SYNC"];
  return `${style.bold("Nodes")}\n${new Table().render([titles, ...rows])}`;
}

function log({ log: is, logId }: ClusterStatus, now: number, style: Style): string {
  const replicas = is.replicas === 1 ? "1 replica" : `${is.replicas} replicas`;
  const skipped = is.skippedCommits > 0 ? `, ${is.skippedCommits} commits skipped` : "";
  return [
    style.bold("Log"),
    `  ${is.stream} (${logId}): ${is.events} events, ${bytesText(is.bytes)}, ${replicas}${skipped}`,
    `  messages ${is.firstSequence} to ${is.lastSequence}, history since ${ageOf(is.since, now)} ago`,
    "",
  ].join("\n");
}
