// `berth attach`: this terminal joined to a container's main process.

import { attached, terminalOf } from "../attached.ts";
import type { CommandFactory } from "../command.ts";
import { podNameOf } from "../pod-choice.ts";

interface AttachFlags {
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
}

export const attachCommand: CommandFactory = (cli) =>
  cli
    .command("attach", "join the main process of a container")
    .argument("<pod>", "a pod, or deploy/web for one of its pods")
    .option("-i, --stdin", "pass this input on")
    .option("-t, --tty", "with a terminal")
    .option("-c, --container <name>", "which container")
    .action(
      cli.action<AttachFlags>(async (session, args, flags) => {
        const tty = await terminalOf(session, flags);
        const client = await session.client();
        const running = await client.attach(await podNameOf(session, args[0] ?? ""), {
          namespace: session.namespace,
          signal: session.signal,
          stdin: flags.stdin === true,
          tty,
          ...(flags.container && { container: flags.container }),
        });
        return await attached(session, running, { stdin: flags.stdin === true, tty });
      }),
    );
