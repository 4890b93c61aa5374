// Who owns which field of an object, kept in `metadata.managedFields` as Kubernetes keeps it: each manager with the
// fields that it applied, or changed last. Fields that nobody set, such as defaults, belong to nobody.

import { type ApiObject, apiVersionOf, kindInfo, type ObjectMeta, sameValue } from "../../protocol/mod.ts";
import {
  changedBetween,
  common,
  fieldsIn,
  type FieldTree,
  isNoFields,
  noFields,
  pathsOf,
  union,
  without,
} from "./field-tree.ts";

type Entries = NonNullable<ObjectMeta["managedFields"]>;
type Entry = Entries[number];

export interface Change {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource?: string | undefined;
  /** RFC 3339. */
  readonly time: string;
  /** What the manager wrote, without defaults. */
  readonly wanted: ApiObject;
}

/** As many managers that do not apply; the oldest become one. The number and the name are Kubernetes'. */
const maxUpdaters = 10;
const ancientManager = "ancient-changes";

const entriesOf = ({ metadata }: ApiObject): Entries => metadata.managedFields ?? [];
const treeOf = ({ fieldsV1 }: Entry): FieldTree => (fieldsV1 ?? noFields) as FieldTree;

/** Who owns what in a new object. */
export function managersOfNew(value: ApiObject, change: Change): Entries {
  const fields = common(fieldsIn(change.wanted), fieldsIn(value));
  return isNoFields(fields) ? [] : [entry(value, change, fields)];
}

/** Who owns what after a change: what it changed is its manager's alone; what is gone is nobody's. */
export function managersAfter(before: ApiObject, after: ApiObject, change: Change): Entries {
  const present = fieldsIn(after);
  const changed = changedBetween(before, after);
  const isMine = (one: Entry): boolean =>
    one.manager === change.manager &&
    one.operation === change.operation &&
    one.subresource === change.subresource;
  const entries = entriesOf(before);
  const mine = entries.find(isMine);
  const written = common(fieldsIn(change.wanted), present);
  const fields =
    change.operation === "Apply"
      ? written
      : union(mine ? common(treeOf(mine), present) : noFields, common(changed, written));
  const others = entries.flatMap((one) =>
    isMine(one) ? [] : kept(one, common(without(treeOf(one), changed), present)),
  );
  if (isNoFields(fields)) return bounded(others);
  const same = mine && sameValue(treeOf(mine), fields);
  return bounded([...others, same ? mine : entry(after, change, fields)]);
}

function kept(one: Entry, fields: FieldTree): readonly Entry[] {
  if (isNoFields(fields)) return [];
  return [sameValue(fields, treeOf(one)) ? one : { ...one, fieldsV1: fields }];
}

function entry(
  { kind }: ApiObject,
  { manager, operation, subresource, time }: Change,
  fields: FieldTree,
): Entry {
  const info = kindInfo(kind);
  return {
    manager,
    operation,
    ...(subresource !== undefined && { subresource }),
    ...(info && { apiVersion: apiVersionOf(info) }),
    time,
    fieldsType: "FieldsV1",
    fieldsV1: fields,
  };
}

function bounded(entries: Entries): Entries {
  const updaters = entries.filter(({ operation }) => operation === "Update");
  const [first, second] = updaters;
  if (updaters.length <= maxUpdaters || !first || !second) return entries;
  const { subresource: _subresource, ...oldest } = first;
  const together = { ...oldest, manager: ancientManager, fieldsV1: union(treeOf(first), treeOf(second)) };
  return bounded([together, ...entries.filter((one) => one !== first && one !== second)]);
}

/** What everybody but this manager owns. */
export const ownedByOthers = (object: ApiObject, manager: string): FieldTree =>
  entriesOf(object)
    .filter((one) => one.manager !== manager)
    .reduce((all, one) => union(all, treeOf(one)), noFields);

export interface OwnedField {
  readonly manager: string;
  /** `.spec.replicas` */
  readonly path: string;
}

/** Fields that a change would take from other managers. */
export function takenFromOthers(before: ApiObject, after: ApiObject, manager: string): readonly OwnedField[] {
  const changed = changedBetween(before, after);
  return entriesOf(before)
    .filter((one) => one.manager !== manager)
    .flatMap((one) =>
      pathsOf(common(treeOf(one), changed)).map((path) => ({ manager: one.manager ?? "", path })),
    );
}
