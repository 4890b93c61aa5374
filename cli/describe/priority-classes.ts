// Priority classes as `berth describe` shows them.

import type { Stored } from "../../client/mod.ts";
import { type Field, mapLines } from "./fields.ts";

export const priorityClassFields = ({
  metadata,
  value,
  globalDefault = false,
  preemptionPolicy = "PreemptLowerPriority",
  description,
}: Stored<"PriorityClass">): readonly Field[] => [
  ["Labels", mapLines(metadata.labels)],
  ["Annotations", mapLines(metadata.annotations, ": ")],
  ["Value", String(value)],
  ["GlobalDefault", String(globalDefault)],
  ["PreemptionPolicy", preemptionPolicy],
  ["Description", description ?? "<none>"],
];
