// `berth rolling-update`: replaces a replication controller's pods one by one by those of another.

import {
  type ApiObject,
  BerthError,
  rollingUpdate,
  type RollingUpdateStep,
  type Stored,
} from "../../client/mod.ts";
import { isKind } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { addFileOptions, type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { withImages } from "../pod-templates.ts";
import { parseNameOf } from "../resource-args.ts";
import type { Session } from "../session.ts";

interface RollingFlags extends FileFlags {
  readonly image?: string;
  readonly container?: string;
  readonly rollback?: boolean;
}
type Controller = Stored<"ReplicationController">;

/** As kubectl had it: time for one pod to come up. */
const podTimeoutMs = 5 * 60_000;

export const rollingUpdateCommand: CommandFactory = (cli) =>
  addFileOptions(
    cli.command(
      "rolling-update",
      "replace a replication controller's pods one by one (deployments do it by themselves)",
    ),
  )
    .argument("<old>", "name of the replication controller that is replaced")
    .argument("[new]", "name of the new one; absent, it takes the old one's name in the end")
    .option("--image <image>", "the old one's template with this image")
    .option("--container <name>", "which container gets the image, where there are several")
    .option("--rollback", "turn a rolling update that has begun round: old and new as before")
    .option(
      "--update-period <duration>",
      "taken for kubectl's sake; each pod is waited for until it is available",
    )
    .action(cli.action<RollingFlags>((session, args, flags) => run(session, args, flags)));

async function run(session: Session, args: readonly string[], flags: RollingFlags): Promise<number> {
  const [old = "", given] = args.map((arg) => parseNameOf("ReplicationController", arg));
  const client = await session.client();
  const call = { namespace: session.namespace, signal: session.signal };
  const present = await client.get("ReplicationController", old, call);
  const next = await wanted(session, present, { given, flags });
  const { name = "" } = next.metadata;
  const options = { ...call, podTimeoutMs: session.settings.timeoutMs || podTimeoutMs };
  const [from, to] = flags.rollback ? [name, present] : [old, next];
  const rename = given === undefined && flags.image !== undefined && !flags.rollback;
  try {
    for await (const step of rollingUpdate(client, { from, to, rename }, options))
      await session.out(told(step));
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "Timeout") throw error;
    await session.err(`error: ${error.message}\nrun it again to go on, or with --rollback to go back\n`);
    return exitCodes.failed;
  }
  const shown = flags.rollback ? old : rename ? old : name;
  await session.out(
    `replicationcontroller/${from} ${flags.rollback ? "rolled back" : "rolling updated"} to ${JSON.stringify(shown)}\n`,
  );
  return exitCodes.done;
}

function told(step: RollingUpdateStep): string {
  switch (step.type) {
    case "created":
      return `Created ${step.name}\n`;
    case "scaled":
      return `Scaling ${step.name} ${step.direction} to ${step.replicas}\n`;
    case "deleted":
      return `Update succeeded. Deleting ${step.name}\n`;
    case "renamed":
      return `Renaming ${step.name} to ${step.to}\n`;
    default:
      return step satisfies never;
  }
}

interface Given {
  readonly given: string | undefined;
  readonly flags: RollingFlags;
}

/** The new controller, from a manifest or from the old one with another image. */
async function wanted(session: Session, old: Controller, { given, flags }: Given): Promise<Controller> {
  const files = (flags.filename ?? []).length > 0;
  if (files === (flags.image !== undefined) && !flags.rollback) {
    throw new UsageError("say what the new one is: with -f its manifest, or with --image another image");
  }
  if (files) return fromManifest(session, old, flags);
  if (flags.image !== undefined) return withImage(old, { given, flags, image: flags.image });
  if (given === undefined) throw new UsageError("--rollback needs both names, old and new");
  const client = await session.client();
  return client.get("ReplicationController", given, { namespace: session.namespace, signal: session.signal });
}

async function fromManifest(session: Session, old: Controller, flags: RollingFlags): Promise<Controller> {
  const { documents, problems } = await readManifestFiles(flags, session.io);
  const [first, ...more] = documents;
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  const object: ApiObject | undefined = first?.object;
  if (!object || more.length > 0 || !isKind(object, "ReplicationController")) {
    throw new UsageError("-f has to hold one replication controller");
  }
  if (object.metadata.name === old.metadata.name) {
    throw new UsageError(`the new controller needs another name than ${old.metadata.name}`);
  }
  return object;
}

function withImage(
  { metadata, spec }: Controller,
  { given, flags, image }: Given & { readonly image: string },
): Controller {
  const template = spec?.template;
  const containers = template?.spec?.containers ?? [];
  const container = flags.container ?? containers[0]?.name ?? "";
  if (flags.container === undefined && containers.length > 1) {
    throw new UsageError("say with --container which of the containers gets the image");
  }
  const { lists, unknown } = withImages(template?.spec ?? { containers: [] }, new Map([[container, image]]));
  if (unknown.length > 0) throw new UsageError(`there is no container named ${container}`);
  const name = given ?? `${metadata.name}-next`;
  const label = { deployment: name };
  const { namespace, labels } = metadata;
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) },
    spec: {
      ...spec,
      selector: { ...spec?.selector, ...label },
      template: {
        ...template,
        metadata: { ...template?.metadata, labels: { ...template?.metadata?.labels, ...label } },
        spec: { ...template?.spec, containers: [...(lists["containers"] ?? containers)] },
      },
    },
  };
}
