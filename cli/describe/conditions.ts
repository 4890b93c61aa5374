// Conditions of an object as a table, with what they say.

import type { FieldValue } from "./fields.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Undefined where there are none. */
export function conditionsField(conditions: readonly Condition[] | undefined): FieldValue | undefined {
  if (!conditions || conditions.length === 0) return undefined;
  return {
    titles: ["Type", "Status", "Reason", "Message"],
    rows: conditions.map(({ type, status, reason = "", message = "" }) => [type, status, reason, message]),
  };
}
