// `berth rollout`: how the change of a workload's template gets on, and the ways to stop, repeat and take it back.

import { Command } from "commander";
import {
  BerthError,
  listRevisions,
  type Rolled,
  type RolloutProgress,
  rolloutProgress,
  undoRollout,
} from "../../client/mod.ts";
import type { PodTemplateSpec } from "../../protocol/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { containerFields } from "../describe/containers.ts";
import { type Field, mapLines, renderFields } from "../describe/fields.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "../dry-run.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import {
  addRolloutTargets,
  eachRollout,
  type RolloutFlags,
  type RolloutTarget,
  rolloutTargets,
} from "../rollout-targets.ts";
import type { Session } from "../session.ts";
import { wholeNumberFlag } from "../settings.ts";
import { Table } from "../table.ts";

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

type Where = Pick<RolloutTarget, "kind" | "name" | "namespace">;
const whereOf = (
  { signal }: Session,
  { namespace }: Where,
): { readonly namespace: string; readonly signal: AbortSignal } => ({ namespace, signal });

// ---- status ----

interface StatusFlags extends RolloutFlags {
  readonly watch: boolean;
  readonly revision?: string;
}

const statusCommand = (cli: Cli): Command =>
  addRolloutTargets(
    cli.command(
      "status",
      "follow a rollout to its end: exits 0 when done, 1 when it failed, 3 when it was rolled back",
    ),
  )
    .option("-w, --watch", "wait for the end", true)
    .option("--no-watch", "say how far it is and return")
    .option("--revision <n>", "fail when another revision takes over")
    .action(
      cli.action<StatusFlags>(async (session, args, flags) => {
        const states = new Set<RolloutProgress["state"]>();
        for (const target of await rolloutTargets(session, args, flags)) {
          const { state, message } = await follow(session, target, flags);
          states.add(state);
          if (state === "failed") await session.err(`error: ${message}\n`);
          else await session.out(`${message}\n`);
        }
        if (states.has("failed")) return exitCodes.failed;
        return states.has("reverted") ? exitCodes.rolledBack : exitCodes.done;
      }),
    );

/** Longest that a timer can wait: without --timeout a rollout is followed to its end. */
const noTimeoutMs = 2 ** 31 - 1;

/** The last word; what was waited for on the way is printed line by line. */
async function follow(session: Session, target: Where, flags: StatusFlags): Promise<RolloutProgress> {
  const { kind, name } = target;
  const where = whereOf(session, target);
  const client = await session.client();
  const revision = flags.revision === undefined ? undefined : wholeNumberFlag("--revision", flags.revision);
  const judge = (object: Rolled): RolloutProgress =>
    wrongRevision(object, revision) ?? rolloutProgress(object);
  if (!flags.watch) return judge(await client.get(kind, name, where));
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
    { ...where, timeoutMs: session.settings.timeoutMs || noTimeoutMs },
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
  addRolloutTargets(cli.command("history", "the revisions that can be gone back to"))
    .option("--revision <n>", "show the pod template of this one")
    .action(
      cli.action<RolloutFlags & { readonly revision?: string }>(async (session, args, flags) =>
        eachRollout(session, await rolloutTargets(session, args, flags), (target) =>
          historyOf(session, target, flags.revision),
        ),
      ),
    );

async function historyOf(session: Session, target: Where, wanted: string | undefined): Promise<string> {
  const { kind, name } = target;
  const where = whereOf(session, target);
  const client = await session.client();
  const object: Rolled = await client.get(kind, name, where);
  const revisions = await listRevisions(client, object, where);
  if (wanted === undefined) {
    const rows = revisions.map(({ revision, changeCause = "<none>" }) => [String(revision), changeCause]);
    return `\n${new Table().render([["REVISION", "CHANGE-CAUSE"], ...rows])}`;
  }
  const number = wholeNumberFlag("--revision", wanted);
  const found = revisions.find(({ revision }) => revision === number);
  if (!found)
    throw new BerthError({ code: "NotFound", message: `revision ${number} of ${name} is not kept` });
  return `with revision #${number}\n${templateText(found.template)}`;
}

function templateText({ metadata, spec }: PodTemplateSpec): string {
  const part: readonly Field[] = [
    ["Labels", mapLines(metadata?.labels)],
    ["Annotations", mapLines(metadata?.annotations, ": ")],
    ["Containers", { part: containerFields(spec?.containers, undefined) }],
  ];
  return renderFields([["Pod Template", { part }]]);
}

const undoCommand = (cli: Cli): Command =>
  addDryRunOption(addRolloutTargets(cli.command("undo", "go back to an earlier revision")))
    .option("--to-revision <n>", "which one; 0 is the one before the present", "0")
    .action(
      cli.action<RolloutFlags & DryRunFlags & { readonly toRevision: string }>(
        async (session, args, flags) => {
          const toRevision = wholeNumberFlag("--to-revision", flags.toRevision);
          const mode = dryRunOf(flags);
          const client = await session.client();
          return eachRollout(session, await rolloutTargets(session, args, flags), async (target) => {
            const wanted = {
              ...whereOf(session, target),
              ...(toRevision > 0 && { toRevision }),
              ...(mode !== "none" && { dryRun: true }),
            };
            const { outcome, revision } = await undoRollout(client, target.kind, target.name, wanted);
            return outcome === "unchanged"
              ? `skipped rollback (current template already matches revision ${revision})`
              : `rolled back${dryRunNote(mode)}`;
          });
        },
      ),
    );

// ---- restart, pause, resume ----

const restartCommand = (cli: Cli): Command =>
  addRolloutTargets(cli.command("restart", "replace all pods by new ones of the same template")).action(
    cli.action<RolloutFlags>(async (session, args, flags) => {
      const client = await session.client();
      const at = new Date(session.now()).toISOString().replace(/\.\d+Z$/, "Z");
      const patch = { spec: { template: { metadata: { annotations: { [restartedAt]: at } } } } };
      return eachRollout(session, await rolloutTargets(session, args, flags), async (target) => {
        const { kind, name } = target;
        const where = whereOf(session, target);
        const object: Rolled = await client.get(kind, name, where);
        if (object.kind === "Deployment" && object.spec?.paused) {
          const message = `${name} is paused: resume it first (berth rollout resume), then restart`;
          throw new BerthError({ code: "Conflict", message });
        }
        await client.patch(kind, name, patch, where);
        return "restarted";
      });
    }),
  );

function pauseCommand(cli: Cli, verb: "pause" | "resume"): Command {
  const paused = verb === "pause";
  const help = paused ? "keep a deployment's pods as they are for now" : "let a paused deployment go on";
  return addRolloutTargets(cli.command(verb, help)).action(
    cli.action<RolloutFlags>(async (session, args, flags) => {
      const client = await session.client();
      return eachRollout(session, await rolloutTargets(session, args, flags), async (target) => {
        const { kind, name } = target;
        const where = whereOf(session, target);
        if (kind !== "Deployment") throw new UsageError(`only deployments can be ${verb}d`);
        const { spec } = await client.get(kind, name, where);
        if ((spec?.paused ?? false) === paused) {
          const message = `deployment ${JSON.stringify(name)} is ${paused ? "already" : "not"} paused`;
          throw new BerthError({ code: "Conflict", message });
        }
        await client.patch(kind, name, { spec: { paused: paused || null } }, where);
        return `${verb}d`;
      });
    }),
  );
}
