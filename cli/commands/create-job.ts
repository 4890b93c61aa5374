// `berth create job`: one run of a command, or of what a cron job would run.

import type { Command } from "commander";
import type { ApiObject, BerthClient } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";
import { parseNamedArgs } from "../resource-args.ts";
import type { Session } from "../session.ts";

interface CreateJobFlags extends CreateFlags {
  readonly image?: string;
  readonly from?: string;
}

export const createJobCommand = (cli: Cli): Command =>
  addCreateOptions(cli.command("job", "create a job of a command, or what a cron job would create"))
    .argument("<name>", "its name")
    .argument("[command...]", "after --, what its container runs instead of the image's own command")
    .option("--image <image>", "image of its container")
    .option("--from <cronjob>", "cronjob/NAME: create what it would create")
    .action(
      cli.action<CreateJobFlags>(async (session, [name = "", ...command], flags) =>
        createObject(session, await manifestOf(session, name, command, flags), flags),
      ),
    );

async function manifestOf(
  session: Session,
  name: string,
  command: readonly string[],
  { image, from }: CreateJobFlags,
): Promise<ApiObject> {
  if ((image === undefined) === (from === undefined)) {
    throw new UsageError("say either --image or --from, and not both");
  }
  if (from === undefined) return jobOf(name, image ?? "", command);
  if (command.length > 0) throw new UsageError("a command goes with --image, not with --from");
  return jobFrom(session, await session.client(), name, from);
}

const jobOf = (name: string, image: string, command: readonly string[]): ApiObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: {
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [{ name, image, ...(command.length > 0 && { command: [...command] }) }],
      },
    },
  },
});

/** Owned by the cron job, and marked as made by hand, as kubectl does it. */
async function jobFrom(
  session: Session,
  client: BerthClient,
  name: string,
  from: string,
): Promise<ApiObject> {
  const [source] = parseNamedArgs([from]);
  if (source?.kind !== "CronJob") throw new UsageError(`--from takes cronjob/NAME, found ${from}`);
  const where = { namespace: session.namespace, signal: session.signal };
  const cronJob = await client.get("CronJob", source.name, where);
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const { name: owner = "", uid = "" } = cronJob.metadata;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: owner, uid, controller: true }],
    },
    ...(spec && { spec }),
  };
}
