// How `berth get` shows objects, as its flags say.

import type { TableOptions } from "../object-table.ts";
import { type Output, parseOutput } from "../output.ts";
import type { Session } from "../session.ts";

export interface GetFlags {
  readonly output?: string;
  readonly watch?: boolean;
  readonly watchOnly?: boolean;
  readonly outputWatchEvents?: boolean;
  readonly labelColumns?: readonly string[];
  readonly showLabels?: boolean;
  readonly showKind?: boolean;
  readonly showManagedFields?: boolean;
  readonly headers: boolean;
  readonly sortBy?: string;
  readonly ignoreNotFound?: boolean;
  readonly allNamespaces?: boolean;
}

export const outputOf = (session: Session, flags: GetFlags): Output =>
  parseOutput(flags.output, {
    cwd: session.io.cwd,
    showManagedFields: flags.showManagedFields,
    headers: flags.headers,
  });

export function tableOptions(flags: GetFlags, severalKinds: boolean): TableOptions {
  return {
    wide: flags.output === "wide",
    labelColumns: flags.labelColumns ?? [],
    showLabels: flags.showLabels === true,
    headers: flags.headers,
    namespaces: flags.allNamespaces === true,
    showKind: severalKinds || flags.showKind === true,
    events: flags.outputWatchEvents === true,
  };
}
