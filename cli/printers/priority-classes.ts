// Columns of priority classes.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import type { Column } from "./column.ts";

export const priorityClassColumns: readonly Column<Stored<"PriorityClass">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "VALUE", value: ({ value }) => String(value) },
  { title: "GLOBAL-DEFAULT", value: ({ globalDefault }) => String(globalDefault ?? false) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "PREEMPTIONPOLICY", value: ({ preemptionPolicy }) => preemptionPolicy ?? "PreemptLowerPriority" },
];
