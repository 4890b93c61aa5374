// `berth rollout`: how the change of a workload's template gets on, and the ways to stop, repeat and take it back.

import { Command } from "commander";
import {
  BerthError,
  listRevisions,
  type Rolled,
  type RolloutKind,
  type RolloutProgress,
  rolloutProgress,
  undoRollout,
} from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { containerFields } from "../describe/containers.ts";
import { mapLines, renderFields } from "../describe/fields.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { parseNamedArgs, shownName } from "../resource-args.ts";
import type { Session } from "../session.ts";
import { wholeNumberFlag } from "../settings.ts";
import { Table } from "../table.ts";

const whatHelp = "deploy/web, ds/log, sts/db, or a kind and names";
const restartedAt = "kubectl.kubernetes.io/restartedAt";

export const rolloutCommand: CommandFactory = (cli) =>
  new Command("rollout")
    .description("watch, stop, repeat and take back the change of a workload's pods")
    .addCommand(statusCommand(cli))
    .addCommand(historyCommand(cli))
    .addCommand(undoCommand(cli))
    .addCommand(restartCommand(cli))
    .addCommand(pauseCommand(cli, "pause"))
    .addCommand(pauseCommand(cli, "resume"));

interface Named {
  readonly kind: RolloutKind;
  readonly name: string;
  readonly shown: string;
}

const isRolloutKind = (kind: KindName): kind is RolloutKind =>
  kind === "Deployment" || kind === "DaemonSet" || kind === "StatefulSet";

const namedArgs = (args: readonly string[]): readonly Named[] =>
  parseNamedArgs(args).map(({ kind, info, name }) => {
    if (!isRolloutKind(kind)) {
      throw new UsageError(`a ${info.singular} has no rollouts; deploy, ds and sts have`);
    }
    return { kind, name, shown: shownName(info, name) };
  });

const whereOf = ({
  namespace,
  signal,
}: Session): { readonly namespace: string; readonly signal: AbortSignal } => ({
  namespace,
  signal,
});

/** Does it for each; one that fails does not keep the others back. */
async function each(
  session: Session,
  args: readonly string[],
  action: (named: Named) => Promise<string>,
): Promise<number> {
  let failed = false;
  for (const named of namedArgs(args)) {
    try {
      await session.out(`${named.shown} ${await action(named)}\n`);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      await session.err(`${berthErrorText(error)}\n`);
      failed = true;
    }
  }
  return failed ? exitCodes.failed : exitCodes.done;
}

// ---- status ----

interface StatusFlags {
  readonly watch: boolean;
  readonly revision?: string;
}

const statusCommand = (cli: Cli): Command =>
  cli
    .command(
      "status",
      "follow a rollout to its end: exits 0 when done, 1 when it failed, 3 when it was rolled back",
    )
    .argument("<what...>", whatHelp)
    .option("-w, --watch", "wait for the end", true)
    .option("--no-watch", "say how far it is and return")
    .option("--revision <n>", "fail when another revision takes over")
    .action(
      cli.action<StatusFlags>(async (session, args, flags) => {
        const [named, ...more] = namedArgs(args);
        if (!named || more.length > 0) throw new UsageError("name one object whose rollout to follow");
        const { state, message } = await follow(session, named, flags);
        if (state === "failed") await session.err(`error: ${message}\n`);
        else await session.out(`${message}\n`);
        if (state === "failed") return exitCodes.failed;
        return state === "reverted" ? exitCodes.rolledBack : exitCodes.done;
      }),
    );

/** Longest that a timer can wait: without --timeout a rollout is followed to its end. */
const noTimeoutMs = 2 ** 31 - 1;

/** The last word; what was waited for on the way is printed line by line. */
async function follow(session: Session, { kind, name }: Named, flags: StatusFlags): Promise<RolloutProgress> {
  const client = await session.client();
  const revision = flags.revision === undefined ? undefined : wholeNumberFlag("--revision", flags.revision);
  const judge = (object: Rolled): RolloutProgress =>
    wrongRevision(object, revision) ?? rolloutProgress(object);
  if (!flags.watch) return judge(await client.get(kind, name, whereOf(session)));
  const gone: RolloutProgress = { state: "failed", message: `${name} does not exist, or was deleted` };
  let last: RolloutProgress = gone;
  let written = Promise.resolve();
  const said = new Set<string>();
  await client.waitFor(
    kind,
    name,
    (object) => {
      last = object ? judge(object) : gone;
      const { state, message } = last;
      if (state === "waiting" && !said.has(message)) {
        said.add(message);
        written = written.then(() => session.out(`${message}\n`));
      }
      return state !== "waiting";
    },
    { ...whereOf(session), timeoutMs: session.settings.timeoutMs || noTimeoutMs },
  );
  await written;
  return last;
}

function wrongRevision(object: Rolled, wanted: number | undefined): RolloutProgress | undefined {
  const running = Number(object.metadata.annotations?.["deployment.kubernetes.io/revision"]);
  if (wanted === undefined || object.kind !== "Deployment" || running === wanted) return undefined;
  const message = `desired revision (${wanted}) is different from the running revision (${running})`;
  return { state: "failed", message };
}

// ---- history and undo ----

const historyCommand = (cli: Cli): Command =>
  cli
    .command("history", "the revisions that can be gone back to")
    .argument("<what...>", whatHelp)
    .option("--revision <n>", "show the pod template of this one")
    .action(
      cli.action<{ readonly revision?: string }>((session, args, flags) =>
        each(session, args, ({ kind, name }) => historyOf(session, { kind, name }, flags.revision)),
      ),
    );

async function historyOf(
  session: Session,
  { kind, name }: Pick<Named, "kind" | "name">,
  wanted: string | undefined,
): Promise<string> {
  const client = await session.client();
  const object: Rolled = await client.get(kind, name, whereOf(session));
  const revisions = await listRevisions(client, object, whereOf(session));
  if (wanted === undefined) {
    const rows = revisions.map(({ revision, changeCause = "<none>" }) => [String(revision), changeCause]);
    return `\n${new Table().render([["REVISION", "CHANGE-CAUSE"], ...rows])}`;
  }
  const number = wholeNumberFlag("--revision", wanted);
  const found = revisions.find(({ revision }) => revision === number);
  if (!found)
    throw new BerthError({ code: "NotFound", message: `revision ${number} of ${name} is not kept` });
  const { metadata, spec } = found.template;
  const template = renderFields([
    ["Labels", mapLines(metadata?.labels)],
    ["Annotations", mapLines(metadata?.annotations, ": ")],
    ["Containers", { part: containerFields(spec?.containers, undefined) }],
  ]);
  return `with revision #${number}\n${template}`;
}

const undoCommand = (cli: Cli): Command =>
  cli
    .command("undo", "go back to an earlier revision")
    .argument("<what...>", whatHelp)
    .option("--to-revision <n>", "which one; 0 is the one before the present", "0")
    .action(
      cli.action<{ readonly toRevision: string }>(async (session, args, flags) => {
        const toRevision = wholeNumberFlag("--to-revision", flags.toRevision);
        const client = await session.client();
        return each(session, args, async ({ kind, name }) => {
          const target = { ...whereOf(session), ...(toRevision > 0 && { toRevision }) };
          const { outcome, revision } = await undoRollout(client, kind, name, target);
          return outcome === "unchanged"
            ? `skipped rollback (current template already matches revision ${revision})`
            : "rolled back";
        });
      }),
    );

// ---- restart, pause, resume ----

const restartCommand = (cli: Cli): Command =>
  cli
    .command("restart", "replace all pods by new ones of the same template")
    .argument("<what...>", whatHelp)
    .action(
      cli.action<object>(async (session, args) => {
        const client = await session.client();
        const at = new Date(session.now()).toISOString().replace(/\.\d+Z$/, "Z");
        const patch = { spec: { template: { metadata: { annotations: { [restartedAt]: at } } } } };
        return each(session, args, async ({ kind, name }) => {
          const object: Rolled = await client.get(kind, name, whereOf(session));
          if (object.kind === "Deployment" && object.spec?.paused) {
            const message = `${name} is paused: resume it first (berth rollout resume), then restart`;
            throw new BerthError({ code: "Conflict", message });
          }
          await client.patch(kind, name, patch, whereOf(session));
          return "restarted";
        });
      }),
    );

function pauseCommand(cli: Cli, verb: "pause" | "resume"): Command {
  const paused = verb === "pause";
  return cli
    .command(verb, paused ? "keep a deployment's pods as they are for now" : "let a paused deployment go on")
    .argument("<what...>", "deploy/web, or a kind and names")
    .action(
      cli.action<object>(async (session, args) => {
        const client = await session.client();
        return each(session, args, async ({ kind, name }) => {
          if (kind !== "Deployment") throw new UsageError(`only deployments can be ${verb}d`);
          const { spec } = await client.get(kind, name, whereOf(session));
          if ((spec?.paused ?? false) === paused) {
            const message = `deployment ${JSON.stringify(name)} is ${paused ? "already" : "not"} paused`;
            throw new BerthError({ code: "Conflict", message });
          }
          await client.patch(kind, name, { spec: { paused: paused || null } }, whereOf(session));
          return `${verb}d`;
        });
      }),
    );
}
