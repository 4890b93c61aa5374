// Objects as a command line names them: `pods`, `pods,svc`, `pod web`, `pod/web svc/web`, `all`.

import { type KindInfo, kindByWord, kindInfo, kinds, type KindName } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";

export interface KindQuery {
  readonly kind: KindName;
  readonly info: KindInfo;
  /** Absent: all of them. */
  readonly name?: string;
}

/** What `all` stands for: what users run. */
const allKinds: readonly KindName[] = [
  "Pod",
  "ReplicationController",
  "Service",
  "DaemonSet",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "Job",
  "CronJob",
  "HorizontalPodAutoscaler",
];

export const resourceHelp = "kinds (pods, svc, pods,svc, all), a kind and names, or kind/name";

export function parseResourceArgs(args: readonly string[]): readonly KindQuery[] {
  if (args.length === 0) {
    throw new UsageError(`name what you want: ${resourceHelp}. See \`berth api-resources\` for the kinds`);
  }
  if (args.some((arg) => arg.includes("/"))) return args.map(parseSlashed);
  const [words = "", ...names] = args;
  const asked = words.split(",").flatMap((word) => (word === "all" ? allKinds : [kindOf(word)]));
  if (names.length === 0) return asked.map((kind) => query(kind));
  if (words === "all") throw new UsageError("`all` takes no names; write kind/name");
  return asked.flatMap((kind) => names.map((name) => query(kind, name)));
}

/** For commands about single objects. */
export function parseNamedArgs(args: readonly string[]): readonly (KindQuery & { readonly name: string })[] {
  return parseResourceArgs(args).map((found) => {
    if (found.name === undefined)
      throw new UsageError(`name a ${found.info.singular}, such as ${found.info.singular}/web`);
    return { ...found, name: found.name };
  });
}

/** `pod/web`, or a bare name of the usual kind. */
export function parseNameOf(kind: KindName, text: string): string {
  if (!text.includes("/")) return text;
  const found = parseSlashed(text);
  if (found.kind !== kind) throw new UsageError(`expected a ${query(kind).info.singular}, found ${text}`);
  return found.name ?? "";
}

function parseSlashed(arg: string): KindQuery {
  const [word = "", name = "", ...rest] = arg.split("/");
  if (!word || !name || rest.length > 0) {
    throw new UsageError(
      `expected kind/name, found ${JSON.stringify(arg)}; kinds and kind/name can't be mixed`,
    );
  }
  return query(kindOf(word), name);
}

export function kindOf(word: string): KindName {
  const info = kindByWord(word);
  const known = info && kinds.find(({ kind }) => kind === info.kind);
  if (known) return known.kind;
  if (/^ev(ents?)?$/.test(word)) {
    throw new UsageError("events are no objects here but the log itself: berth events shows them");
  }
  throw new UsageError(
    `the cluster has no resource type ${JSON.stringify(word)}; \`berth api-resources\` lists them`,
  );
}

function query(kind: KindName, name?: string): KindQuery {
  const info = kindInfo(kind);
  if (!info) throw new UsageError(`the cluster has no kind ${kind}`);
  return { kind, info, ...(name !== undefined && { name }) };
}

/** `pod/web`, `replicaset.apps/web`: how commands name what they changed. */
export const shownName = (info: KindInfo, name: string): string =>
  `${info.singular}${info.group ? `.${info.group}` : ""}/${name}`;
