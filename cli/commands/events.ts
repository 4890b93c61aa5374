// `berth events`: what happened, as the log holds it; nothing expires after an hour.

import { describeEvent, type ObjectRef, type Positioned } from "../../protocol/mod.ts";
import type { EventsOptions } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { parseNamedArgs } from "../resource-args.ts";
import { addAllNamespacesOption } from "../selection.ts";
import type { Session } from "../session.ts";
import { wholeNumberFlag } from "../settings.ts";
import { Table } from "../table.ts";

interface EventFlags {
  readonly for?: string;
  readonly watch?: boolean;
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly limit: string;
  readonly headers: boolean;
}

const forms = ["wide", "json"];

export const eventsCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(cli.command("events", "show what happened, oldest first"))
    .option("--for <kind/name>", "only of this object")
    .option("-w, --watch", "go on and show what happens")
    .option("--limit <n>", "only the newest", "200")
    .option("-o, --output <form>", "wide (with positions) or json (one event a line)")
    .option("--no-headers", "no line of titles")
    .action(cli.action<EventFlags>((session, _args, flags) => run(session, flags)));

async function run(session: Session, flags: EventFlags): Promise<number> {
  if (flags.output !== undefined && !forms.includes(flags.output)) {
    throw new UsageError(`-o takes ${forms.join(" or ")}, found ${flags.output}`);
  }
  const [about] = flags.for === undefined ? [] : parseNamedArgs([flags.for]);
  const options: EventsOptions = {
    signal: session.signal,
    namespace: session.namespace,
    ...(flags.allNamespaces && { allNamespaces: true }),
    ...(about && { kind: about.kind, name: about.name }),
  };
  const client = await session.client();
  const limit = wholeNumberFlag("--limit", flags.limit, 1);
  const past = (await client.events({ ...options, limit, newestFirst: true })).toReversed();
  const printer = new EventPrinter(session, flags);
  await printer.print(past);
  if (!flags.watch) {
    if (past.length === 0)
      await session.err(
        `No events found${flags.allNamespaces ? "" : ` in ${session.namespace} namespace`}.\n`,
      );
    return exitCodes.done;
  }
  const since = past.at(-1)?.position;
  for await (const event of client.watchEvents({ ...options, ...(since !== undefined && { since }) })) {
    await printer.print([event]);
  }
  return exitCodes.interrupted;
}

class EventPrinter {
  readonly #session: Session;
  readonly #flags: EventFlags;
  readonly #table = new Table();
  #headed = false;

  constructor(session: Session, flags: EventFlags) {
    this.#session = session;
    this.#flags = flags;
  }

  async print(events: readonly Positioned[]): Promise<void> {
    const { output, allNamespaces, headers } = this.#flags;
    if (output === "json") {
      return this.#session.out(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    }
    const wide = output === "wide";
    const first = ["AGE", "TYPE", "OBJECT", "BY", "MESSAGE"];
    const titles = [...(wide ? ["POSITION"] : []), ...(allNamespaces ? ["NAMESPACE"] : []), ...first];
    const rows = events.map((event) => {
      const object = objectOf(event);
      return [
        ...(wide ? [String(event.position)] : []),
        ...(allNamespaces ? [object?.namespace ?? ""] : []),
        ...eventCells(event, this.#session.now()),
      ];
    });
    const header = this.#headed || !headers || events.length === 0 ? [] : [titles];
    if (events.length > 0) this.#headed = true;
    await this.#session.out(this.#table.render([...header, ...rows]));
  }
}

const eventCells = (event: Positioned, now: number): string[] => {
  const object = objectOf(event);
  const name = object ? `${object.kind.toLowerCase()}/${object.name}` : "";
  return [ageOf(event.at, now), event.type, name, event.by, describeEvent(event)];
};

/** What an event concerns; events of the cluster itself concern no object. */
const objectOf = (event: Positioned): ObjectRef | undefined => ("object" in event ? event.object : undefined);
