// `berth cp`: files and directories between this machine and a container. Needs no program in the container.

import { lstat } from "node:fs/promises";
import { basename, join, posix, resolve } from "node:path";
import { BerthError, type FileOptions } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { packLocal, unpackLocal } from "../local-archive.ts";
import type { Session } from "../session.ts";

interface CopyFlags {
  readonly container?: string;
  readonly preserve?: boolean;
}

/** `pod:path`, `namespace/pod:path`, or a path of this machine. */
type Place =
  | { readonly type: "local"; readonly path: string }
  | { readonly type: "pod"; readonly namespace?: string; readonly pod: string; readonly path: string };

export const cpCommand: CommandFactory = (cli) =>
  cli
    .command("cp", "copy files and directories to and from containers")
    .argument("<from>", "a path here, or pod:path or namespace/pod:path")
    .argument("<to>", "the same; one of both is a pod's")
    .option("-c, --container <name>", "which container (default: the annotated one, or the first)")
    .option("--no-preserve", "leave owner and permissions behind")
    .action(
      cli.action<CopyFlags>(async (session, args, flags) => {
        const [from, to] = args.map(placeOf);
        if (from?.type === "pod" && to?.type === "local") await download(session, from, to.path, flags);
        else if (from?.type === "local" && to?.type === "pod") await upload(session, from.path, to, flags);
        else throw new UsageError("one of both is a path here, the other one pod:path");
        return exitCodes.done;
      }),
    );

function placeOf(text: string): Place {
  const colon = text.indexOf(":");
  // A path with a slash before its colon is a path, as a pod's name has at most its namespace before it.
  const name = colon > 0 ? text.slice(0, colon) : "";
  if (name === "" || name.startsWith(".") || name.split("/").length > 2) return { type: "local", path: text };
  const path = text.slice(colon + 1);
  if (path === "") throw new UsageError(`${text} names no file: write pod:path`);
  const [first = "", second] = name.split("/");
  return second === undefined
    ? { type: "pod", pod: first, path }
    : { type: "pod", namespace: first, pod: second, path };
}

type PodPlace = Extract<Place, { readonly type: "pod" }>;

const optionsOf = (session: Session, { namespace }: PodPlace, { container }: CopyFlags): FileOptions => ({
  namespace: namespace ?? session.namespace,
  signal: session.signal,
  ...(container && { container }),
});

async function download(session: Session, from: PodPlace, to: string, flags: CopyFlags): Promise<void> {
  const client = await session.client();
  const options = optionsOf(session, from, flags);
  const info = await client.pathInfo(from.pod, from.path, options);
  if (!info) throw notThere(`${from.pod}:${from.path}`);
  const target = resolve(session.io.cwd, to);
  const known = await lstat(target).catch(() => undefined);
  const name = posix.basename(posix.resolve("/", from.path)) || "root";
  const place = known?.isDirectory() ? join(target, name) : target;
  const warn = (text: string): Promise<void> => session.warn([text]);
  await unpackLocal(client.readArchive(from.pod, from.path, options), place, warn);
}

async function upload(session: Session, from: string, to: PodPlace, flags: CopyFlags): Promise<void> {
  const client = await session.client();
  const options = optionsOf(session, to, flags);
  const source = resolve(session.io.cwd, from);
  if (!(await lstat(source).catch(() => undefined))) throw notThere(from);
  const info = await client.pathInfo(to.pod, to.path, options);
  const into = info?.type === "directory";
  if (!into && to.path.endsWith("/")) throw notThere(`${to.pod}:${to.path}`);
  const directory = into ? to.path : posix.dirname(to.path);
  const name = into ? basename(source) : posix.basename(to.path);
  const archive = packLocal(source, name, { anonymous: flags.preserve === false });
  await client.writeArchive(to.pod, { directory, archive }, options);
}

const notThere = (what: string): BerthError =>
  new BerthError({ code: "NotFound", message: `${what}: no such file or directory` });
