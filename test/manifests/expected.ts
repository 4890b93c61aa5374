// What is said of each application, and what of it can't become ready.

import fromDebian from "./expected.json" with { type: "json" };
import fromElsewhere from "./expected-elsewhere.json" with { type: "json" };
import type { Outcome } from "./outcome.ts";

export interface Expected extends Outcome {
  /** What can't become ready here: its secret comes from elsewhere, or its class from another provisioner. */
  readonly waiting: readonly string[];
}

const plain: Expected = { code: 0, errors: [], leftOut: {}, warnings: {}, waiting: [] };
const debian: Readonly<Record<string, Partial<Expected>>> = fromDebian;
const elsewhere: Readonly<Record<string, Partial<Expected>>> = fromElsewhere;

/** Of a listed application, or of one that somebody put into a folder; what is not said of it is as for most. */
export const expectedOf = (name: string, source: "Debian" | "elsewhere"): Expected => ({
  ...plain,
  ...(source === "Debian" ? debian : elsewhere)[name],
});
