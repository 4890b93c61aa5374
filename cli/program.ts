// The program behind `berth`: gives the command line this process' streams and environment, and ends with its exit code.

import { processIo } from "./process-io.ts";
import { runCli } from "./run.ts";
import { readVersion } from "./version.ts";

const argv = process.argv.slice(2);

/** Commands that need nothing of the daemons, whose code takes longer to load than the rest together. */
const isLight =
  !argv.some((word) => /^(dev|master|agent|help|--help|-h|completion)$/.test(word)) && argv.length > 0;
const daemons = isLight ? undefined : await import("./daemons/mod.ts");
const more = daemons ? [daemons.devCommand, daemons.masterCommand, daemons.agentCommand] : [];

const exitCode = await runCli(argv, processIo(), { version: readVersion(), more });
// A terminal's pending read, or a handle of a library, must not hold up the end.
process.exit(exitCode);
