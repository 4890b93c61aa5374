// The workloads that a command about rollouts is for: by name, by manifest, by label, or all of a kind.

import type { Command } from "commander";
import { BerthError, type RolloutKind } from "../client/mod.ts";
import { kindInfo, type KindName } from "../protocol/mod.ts";
import { attemptEach } from "./attempt-each.ts";
import { UsageError } from "./errors.ts";
import { addFileOptions, type FileFlags } from "./manifest-files.ts";
import { namedObjects } from "./named-objects.ts";
import { parseResourceArgs, shownName } from "./resource-args.ts";
import type { Session } from "./session.ts";

export interface RolloutTarget {
  readonly kind: RolloutKind;
  readonly name: string;
  readonly namespace: string;
  /** `deployment.apps/web`. */
  readonly shown: string;
}
export interface RolloutFlags extends FileFlags {
  readonly selector?: string;
}

export const addRolloutTargets = (command: Command): Command =>
  addFileOptions(
    command.argument("[what...]", "deploy/web, ds/log, sts/db, a kind and names, or a kind for all"),
  ).option("-l, --selector <labels>", "only objects whose labels match: app=web,tier in (a,b),!canary");

const isRolloutKind = (kind: KindName): kind is RolloutKind =>
  kind === "Deployment" || kind === "DaemonSet" || kind === "StatefulSet";

function target(kind: KindName, name: string, namespace: string): RolloutTarget {
  const info = kindInfo(kind);
  if (!info || !isRolloutKind(kind)) {
    throw new UsageError(`a ${info?.singular ?? kind} has no rollouts; deploy, ds and sts have`);
  }
  return { kind, name, namespace, shown: shownName(info, name) };
}

export async function rolloutTargets(
  session: Session,
  args: readonly string[],
  flags: RolloutFlags,
): Promise<readonly RolloutTarget[]> {
  if (flags.filename) {
    const named = await namedObjects(session, args, flags);
    return named.map(({ kind, name, namespace }) => target(kind, name, namespace));
  }
  if (args.length === 0)
    throw new UsageError("name what to look at: deploy/web, or a kind, or manifests with -f");
  const { namespace, signal } = session;
  const targets: RolloutTarget[] = [];
  for (const { kind, name } of parseResourceArgs(args)) {
    if (name !== undefined) {
      if (flags.selector !== undefined) throw new UsageError("give names or a selector, not both");
      targets.push(target(kind, name, namespace));
      continue;
    }
    target(kind, "", namespace);
    const client = await session.client();
    const where = {
      namespace,
      signal,
      ...(flags.selector !== undefined && { labelSelector: flags.selector }),
    };
    const found = await client.list(kind, where);
    targets.push(...found.map(({ metadata }) => target(kind, metadata.name ?? "", namespace)));
  }
  if (targets.length === 0)
    throw new BerthError({ code: "NotFound", message: "no matching resources found" });
  return targets;
}

export const eachRollout = (
  session: Session,
  targets: readonly RolloutTarget[],
  action: (target: RolloutTarget) => Promise<string>,
): Promise<number> =>
  attemptEach(session, targets, async (target) => session.out(`${target.shown} ${await action(target)}\n`));
