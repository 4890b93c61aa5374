// Names one member of the union of commands.

import type { Command } from "../../protocol/mod.ts";

export type CommandOf<T extends Command["type"]> = Extract<Command, { readonly type: T }>;
