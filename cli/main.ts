// The entry of every `berth` process: keeps compiled code between runs, which halves the start, then loads the program.

import { enableCompileCache } from "node:module";
import { join } from "node:path";

// In the user's own cache and not in a shared temporary folder, where others could leave code for us to run.
const { XDG_CACHE_HOME: cache, HOME: home } = process.env;
const folder = cache || (home && join(home, ".cache"));
if (folder) enableCompileCache(join(folder, "berth", "compiled"));
await import("./program.ts");
