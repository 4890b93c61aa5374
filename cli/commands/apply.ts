// `berth apply`: objects become what manifests say, and what was applied before and is in no manifest any more goes.

import { type ApplyOptions, BerthError } from "../../client/mod.ts";
import { matches, parseSelector, unwrap } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { dryRunOf } from "../dry-run.ts";
import type { DeletionFlags } from "../deletion-flags.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { remake } from "../remake.ts";
import type { Session } from "../session.ts";
import { prune, type PruneFlags } from "./prune.ts";
import { addSubmitOptions, presentOutcome, type SubmitFlags, submitAll } from "./submit.ts";
import { collect } from "../repeated.ts";

interface ApplyFlags extends SubmitFlags, PruneFlags, DeletionFlags {
  readonly serverSide?: boolean;
  readonly forceConflicts?: boolean;
  readonly kustomize?: string;
}

export const applyCommand: CommandFactory = (cli) =>
  addSubmitOptions(cli.command("apply", "create objects, or bring them to what manifests say"))
    .option("-k, --kustomize <folder>", "not supported: build it first, then apply -f -")
    .option("--server-side", "refuse to change what another field manager owns")
    .option("--force-conflicts", "with --server-side: take over what others own")
    .option("--force", "delete what can't be changed in place, and make it anew")
    .option("--grace-period <seconds>", "with --force: time that containers get to end")
    .option("--cascade <how>", "with --force: background, foreground or orphan", "background")
    .option("-l, --selector <labels>", "only objects of the manifests whose labels match")
    .option(
      "--prune",
      "delete what this field manager applied before and the manifests lack; needs -l or --all",
    )
    .option("--prune-allowlist <kind>", "group/version/kind to prune (core/v1/Pod); may be repeated", collect)
    .option("--all", "with --prune: everything that this field manager applied in the namespaces")
    .action(cli.action<ApplyFlags>((session, _args, flags) => run(session, flags)));

async function run(session: Session, flags: ApplyFlags): Promise<number> {
  if (flags.kustomize !== undefined) {
    throw new UsageError(
      `-k: kustomizations are not built here; write kubectl kustomize ${flags.kustomize} | berth apply -f -`,
    );
  }
  if (flags.forceConflicts && !flags.serverSide) {
    throw new UsageError("--force-conflicts goes with --server-side");
  }
  if (flags.serverSide && dryRunOf(flags) === "client") {
    throw new UsageError("--dry-run=client does not go with --server-side (did you mean --dry-run=server?)");
  }
  if (flags.force && (flags.serverSide || dryRunOf(flags) !== "none")) {
    throw new UsageError("--force deletes: it does not go with --server-side, nor with --dry-run");
  }
  if (flags.prune && !flags.selector && !flags.all) {
    throw new UsageError("--prune needs -l, so that it is clear what belongs together, or --all");
  }
  const selector = flags.selector === undefined ? undefined : unwrap(parseSelector(flags.selector));
  const more: ApplyOptions = {
    ...(flags.serverSide && { serverSide: true }),
    ...(flags.forceConflicts && { force: true }),
  };
  const done = await submitAll(session, {
    flags,
    accepts: ({ metadata }) => !selector || matches(selector, metadata.labels),
    submit: (client, object, options) => {
      if (dryRunOf(flags) === "client") return presentOutcome(client, object, options);
      const applied = client.apply(object, { ...options, ...more });
      if (!flags.force) return applied;
      return applied.catch((error: unknown) => {
        if (!(error instanceof BerthError) || !["Invalid", "Conflict"].includes(error.code)) throw error;
        return remake(session, client, object, { flags, options });
      });
    },
    ...(flags.serverSide && {
      word: (outcome) => (outcome === "unchanged" ? outcome : "serverside-applied"),
    }),
  });
  // What could not be applied must not be taken for what is no longer wanted.
  if (done.failed) return exitCodes.failed;
  return flags.prune ? prune(session, done.objects, flags) : exitCodes.done;
}
