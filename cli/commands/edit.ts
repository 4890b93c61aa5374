// `berth edit`: objects in the user's editor. What the cluster refuses is opened again with the reasons on top; what
// somebody else has changed meanwhile is told, and the text is kept.

import { type ApiObject, BerthError, readManifests, type Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, Failed, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { addFileOptions, type FileFlags } from "../manifest-files.ts";
import { namedObjects } from "../named-objects.ts";
import { nameOf, ownFields, parseOutput, serialize } from "../output.ts";
import type { Session } from "../session.ts";
import { addValidateOption, type ValidateFlags, validationOf } from "../validate-flag.ts";

interface EditFlags extends FileFlags, ValidateFlags {
  readonly output?: string;
  readonly fieldManager?: string;
  readonly showManagedFields?: boolean;
}

export const editCommand: CommandFactory = (cli) =>
  addFileOptions(
    addValidateOption(cli.command("edit", "change objects in an editor ($BERTH_EDITOR, $EDITOR, vi)")),
  )
    .argument("[what...]", "kind/name, or a kind and names")
    .option("-o, --output <form>", "json or yaml: how they are shown in the editor", "yaml")
    .option("--field-manager <name>", "whose fields these are", "berth-edit")
    .option("--show-managed-fields", "show who owns which field")
    .action(
      cli.action<EditFlags>(async (session, args, flags) => {
        if (flags.output !== "json") parseOutput(flags.output, session.io);
        const client = await session.client();
        for (const { kind, name, namespace } of await namedObjects(session, args, flags)) {
          const object = await client.get(kind, name, { namespace, signal: session.signal });
          await editOne(session, object, flags);
        }
        return exitCodes.done;
      }),
    );

const hint = `# Edit the object below. Lines that begin with # are left out, and an empty file ends the edit. When it is refused,
# it is opened again with the reasons on top.
#
`;

async function editOne(session: Session, object: Stored<KindName>, flags: EditFlags): Promise<void> {
  const form = flags.output === "json" ? "json" : "yaml";
  const original = serialize(flags.showManagedFields ? object : ownFields(object), form);
  let text = original;
  let reasons = "";
  for (;;) {
    const edited = withoutComments(await session.io.editor.edit(`${hint}${reasons}${text}`, form));
    if (edited.trim() === "" || edited === original) {
      await session.out("Edit cancelled, no changes made.\n");
      return;
    }
    // Whoever saves what was refused unchanged wants no third round.
    if (reasons !== "" && edited === text) {
      await keep(session, edited, form);
      throw new UsageError("edit cancelled, no valid changes were saved");
    }
    text = edited;
    const refusal = await submit(session, { object, text, form }, flags);
    if (refusal === undefined) return;
    reasons = `${refusal
      .split("\n")
      .map((line) => `# ${line}`)
      .join("\n")}\n#\n`;
  }
}

const withoutComments = (text: string): string => text.replace(/^#.*\n?/gm, "");

async function keep(session: Session, text: string, form: "json" | "yaml"): Promise<void> {
  const path = await session.io.editor.keep(text, form);
  await session.err(`A copy of your changes has been stored to ${JSON.stringify(path)}\n`);
}

interface Edited {
  readonly object: Stored<KindName>;
  readonly text: string;
  readonly form: "json" | "yaml";
}

/** Undefined when it is done; the reasons when the text is to be mended. */
async function submit(
  session: Session,
  { object, text, form }: Edited,
  flags: EditFlags,
): Promise<string | undefined> {
  const read = readManifests(text, "the edit");
  const [only, ...others] = read.documents;
  if (read.problems.length > 0) return read.problems.map(({ message }) => message).join("\n");
  if (!only || others.length > 0) return "the edit must hold one object";
  const refusal = otherObject(object, only.object);
  if (refusal) return refusal;
  try {
    const client = await session.client();
    const done = await client.replace(only.object, {
      namespace: object.metadata.namespace ?? session.namespace,
      signal: session.signal,
      ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
      ...validationOf(flags),
    });
    await session.warn(done.warnings);
    const word = done.outcome === "unchanged" ? "skipped (no change)" : "edited";
    await session.out(`${nameOf(done.object)} ${word}\n`);
    return undefined;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    if (error.code === "Invalid" || error.code === "BadRequest" || error.code === "Forbidden") {
      return berthErrorText(error);
    }
    await keep(session, text, form);
    if (error.code !== "Conflict") throw error;
    await session.err(
      `error: ${nameOf(object)} was changed by somebody else while you edited it: ${error.message}\n` +
        "Edit it again: the editor will show the new version.\n",
    );
    throw new Failed();
  }
}

function otherObject(object: ApiObject, edited: ApiObject): string | undefined {
  const identity = ({ kind, metadata }: ApiObject): string =>
    JSON.stringify([kind, metadata.name, metadata.namespace]);
  if (identity(object) === identity(edited)) return undefined;
  return `kind, name and namespace can't change: this is ${nameOf(object)}, found ${nameOf(edited)}`;
}
