// The process behind `berth`: gives the command line this process' streams and environment, and ends with its exit code.

import { agentCommand, devCommand, masterCommand } from "./daemons/mod.ts";
import { version } from "./daemons/version.ts";
import { processIo } from "./process-io.ts";
import { runCli } from "./run.ts";

const io = processIo();
const exitCode = await runCli(process.argv.slice(2), io, {
  version,
  more: [devCommand, masterCommand, agentCommand],
});
// A terminal's pending read, or a handle of a library, must not hold up the end.
process.exit(exitCode);
