// Pods that have something of their own beside their template: a name, a host name, labels, annotations.

import { type BerthEvent, failure, type Result, type Uid } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { drawName, namespaceOpen } from "./decide-create.ts";
import { ownerReference } from "./controlling.ts";
import { type Deciding, decided, nameOf, notFound, unchanged } from "./deciding.ts";
import { memberTemplate } from "./member-template.ts";
import { recordedTemplate } from "./recorded-template.ts";

type Members = CommandOf<"CreatePods"> & {
  readonly members: NonNullable<CommandOf<"CreatePods">["members"]>;
};

/** A name that is taken refuses the whole command: no identity is there twice. */
export function createMembers(deciding: Deciding, command: Members): Result<Decision> {
  const { state, header, context } = deciding;
  const { owner, members, reason, revision } = command;
  const row = state.objectByUid(owner.uid);
  const { namespace } = owner;
  if (!row || namespace === undefined) return notFound(owner);
  if (row.deletion) return failure("Conflict", `${nameOf(owner)} is being deleted: it makes no pods`);
  const open = namespaceOpen(state, namespace);
  if (!open.ok) return open;
  const template = memberTemplate(state, row, revision);
  if (!template.ok) return template;
  const recorded = recordedTemplate({ state, header, owner: row, ...template.value });
  if (!recorded.ok) return recorded;
  const { id } = recorded.value;
  const events: BerthEvent[] = [...recorded.value.events];
  const names = new Set<string>();
  const isTaken = (name: string): boolean => names.has(name) || state.podNamed(namespace, name) !== undefined;
  const reference = ownerReference(row.ref, row.value.apiVersion);
  for (const { name: given, prefix = `${owner.name}-`, hostname, labels, annotations, claims } of members) {
    if (given !== undefined && isTaken(given)) {
      return failure("AlreadyExists", `${nameOf({ kind: "Pod", namespace, name: given })} exists already`);
    }
    const name = given ?? drawName(deciding, prefix, isTaken);
    names.add(name);
    events.push({
      ...header,
      type: "PodCreated",
      object: { kind: "Pod", namespace, name, uid: context.uuid() as Uid },
      template: id,
      owner: reference,
      reason,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(hostname !== undefined && { hostname }),
      ...(claims && { claims }),
    });
  }
  return names.size === 0 ? unchanged : decided(events);
}
