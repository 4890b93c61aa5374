// `berth replace`: objects that exist become what manifests say, as a whole; with --force they are deleted and made anew.

import type { CommandFactory } from "../command.ts";
import { dryRunOf } from "../dry-run.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { remake } from "../remake.ts";
import type { Session } from "../session.ts";
import type { DeletionFlags } from "../deletion-flags.ts";
import { addSubmitOptions, presentOutcome, type Submit, type SubmitFlags, submitAll } from "./submit.ts";

interface ReplaceFlags extends SubmitFlags, DeletionFlags {}

export const replaceCommand: CommandFactory = (cli) =>
  addSubmitOptions(cli.command("replace", "replace objects that must exist"))
    .option("--force", "delete them and make them anew, also where they do not exist")
    .option("--grace-period <seconds>", "with --force: time that containers get to end")
    .option("--cascade <how>", "with --force: background, foreground or orphan", "background")
    .action(cli.action<ReplaceFlags>((session, _args, flags) => run(session, flags)));

async function run(session: Session, flags: ReplaceFlags): Promise<number> {
  if (flags.force && dryRunOf(flags) !== "none") {
    throw new UsageError("--force deletes, which a dry run can't show; leave one of them out");
  }
  if (!flags.force && flags.gracePeriod !== undefined)
    throw new UsageError("--grace-period goes with --force");
  const submit: Submit = (client, object, options) => {
    if (flags.force) return remake(session, client, object, { flags, options });
    return dryRunOf(flags) === "client"
      ? presentOutcome(client, object, options)
      : client.replace(object, options);
  };
  const { failed } = await submitAll(session, {
    flags,
    submit,
    word: (outcome) => (outcome === "unchanged" ? outcome : "replaced"),
  });
  return failed ? exitCodes.failed : exitCodes.done;
}
