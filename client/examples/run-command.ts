// Runs a command in a pod, passes text to its input, prints its output, and ends with its exit code.
// Run: node client/examples/run-command.ts nats://server:port POD COMMAND [ARGUMENTS...]

import { BerthError, connect } from "../mod.ts";

const [servers = "nats://127.0.0.1:4222", pod = "", ...command] = process.argv.slice(2);
await using client = await connect({ servers, prefix: process.env["BERTH_PREFIX"] ?? "berth" });

try {
  const { exitCode, stdout, stderr } = await client.run(pod, command, { input: "some input\n" });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
} catch (error) {
  if (!(error instanceof BerthError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
