// `berth set image`: other images for containers of objects that exist.

import { Command } from "commander";
import { type BerthClient, BerthError } from "../../client/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { nested, podSpecIn, withImages } from "../pod-templates.ts";
import { type KindQuery, parseNamedArgs, shownName } from "../resource-args.ts";
import type { Session } from "../session.ts";

export const setCommand: CommandFactory = (cli) =>
  new Command("set").description("change one thing of objects that exist").addCommand(imageCommand(cli));

interface ImageFlags {
  readonly dryRun?: boolean | string;
}
type Named = KindQuery & { readonly name: string };

/** A read-modify-write is tried again this often when someone else was faster. */
const conflictTries = 5;

const imageCommand = (cli: Cli): Command =>
  cli
    .command("image", "set the images of containers")
    .argument("<what...>", "objects, then container=image; *=image sets all of them")
    .option("--dry-run [mode]", "only say what would happen (server; none turns it off)")
    .action(
      cli.action<ImageFlags>(async (session, args, flags) => {
        const { objects, images } = splitImages(args);
        const client = await session.client();
        let failed = false;
        for (const named of objects) {
          try {
            const changed = await setImages(client, named, { images, flags, session });
            if (changed) await session.out(`${shownName(named.info, named.name)} image updated\n`);
          } catch (error) {
            if (!(error instanceof BerthError)) throw error;
            await session.err(`${berthErrorText(error)}\n`);
            failed = true;
          }
        }
        return failed ? exitCodes.failed : exitCodes.done;
      }),
    );

function splitImages(args: readonly string[]): {
  readonly objects: readonly Named[];
  readonly images: ReadonlyMap<string, string>;
} {
  const images = new Map<string, string>();
  const words: string[] = [];
  for (const arg of args) {
    const [, container, image] = /^([^=/]+)=(.+)$/.exec(arg) ?? [];
    if (container && image) images.set(container, image);
    else words.push(arg);
  }
  if (images.size === 0) throw new UsageError("say which image: container=image, or *=image for all");
  return { objects: parseNamedArgs(words), images };
}

interface Wanted {
  readonly images: ReadonlyMap<string, string>;
  readonly flags: ImageFlags;
  readonly session: Session;
}

async function setImages(client: BerthClient, { kind, info, name }: Named, wanted: Wanted): Promise<boolean> {
  const { images, flags, session } = wanted;
  const { dryRun = false } = flags;
  const call = { namespace: session.namespace, signal: session.signal };
  for (let tries = 1; ; tries++) {
    const object = await client.get(kind, name, call);
    const found = podSpecIn(object);
    if (!found) throw new UsageError(`a ${info.singular} has no containers`);
    const { lists, unknown } = withImages(found.spec, images);
    if (unknown.length > 0) {
      const message = `${shownName(info, name)} has no container named ${unknown.join(", ")}`;
      throw new BerthError({ code: "NotFound", message });
    }
    if (Object.keys(lists).length === 0) return false;
    const { resourceVersion } = object.metadata;
    try {
      const done = await client.patch(kind, name, nested(found.path, lists), {
        ...call,
        ...(resourceVersion !== undefined && { resourceVersion }),
        ...(dryRun !== false && dryRun !== "none" && { dryRun: true }),
      });
      await session.warn(done.warnings);
      return done.outcome !== "unchanged";
    } catch (error) {
      const again = error instanceof BerthError && error.code === "Conflict" && tries < conflictTries;
      if (!again) throw error;
    }
  }
}
