// Columns of pod disruption budgets.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import type { Column } from "./column.ts";

const amountText = (amount: number | string | undefined): string =>
  amount === undefined ? "N/A" : String(amount);

export const disruptionBudgetColumns: readonly Column<Stored<"PodDisruptionBudget">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "MIN AVAILABLE", value: ({ spec }) => amountText(spec?.minAvailable) },
  { title: "MAX UNAVAILABLE", value: ({ spec }) => amountText(spec?.maxUnavailable) },
  { title: "ALLOWED DISRUPTIONS", value: ({ status }) => String(status?.disruptionsAllowed ?? 0) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];
