// Every command that works on a cluster through the client, in the order of `berth --help`.

import type { CommandFactory } from "../command.ts";

export const commands: readonly CommandFactory[] = [];
