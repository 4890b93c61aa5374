// Which objects select pods by their labels, and with which selector: tells the label sets when one changes.

import { assertNever, type LabelSelector, type ObjectRef, sameValue } from "../../protocol/mod.ts";
import type { ObjectRow } from "./contract.ts";
import { budgetPredicate, budgetSpecOf } from "./disruption-budgets.ts";
import type { LabelSets, SelectingKind } from "./label-sets.ts";
import { selectorPredicate } from "./selectors.ts";
import { keepsPods, podSelectorOf, serviceSelectorOf } from "./specs.ts";

/** A selector that stays keeps what is known of who it selects: scaling changes objects often. */
export function changeSelection(
  labels: LabelSets,
  { kind, namespace = "", uid }: ObjectRef,
  before: ObjectRow | undefined,
  next: ObjectRow | undefined,
): void {
  const selecting = selectingKind(kind);
  if (!selecting) return;
  const was = before && selectorOf(selecting, before);
  const is = next && selectorOf(selecting, next);
  if (was && is && sameValue(was, is)) return;
  labels.select(
    namespace,
    uid,
    selecting,
    selecting === "Budget" ? budgetPredicate(is) : selectorPredicate(is),
  );
}

function selectingKind(kind: string): SelectingKind | undefined {
  if (kind === "Service") return "Service";
  if (kind === "PodDisruptionBudget") return "Budget";
  return keepsPods(kind) ? "Replicator" : undefined;
}

function selectorOf(kind: SelectingKind, row: ObjectRow): LabelSelector | undefined {
  switch (kind) {
    case "Service":
      return serviceSelectorOf(row.value);
    case "Budget":
      return budgetSpecOf(row).selector;
    case "Replicator":
      return podSelectorOf(row.value);
    default:
      return assertNever(kind, "selecting kind");
  }
}
