// `berth attach`: this terminal joined to a container's main process.

import { attached, terminalOf } from "../attached.ts";
import type { CommandFactory } from "../command.ts";
import { chosenContainer } from "../default-container.ts";
import { podNameOf } from "../pod-choice.ts";

interface AttachFlags {
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
  readonly quiet?: boolean;
}

export const attachCommand: CommandFactory = (cli) =>
  cli
    .command("attach", "join the main process of a container")
    .argument("<pod>", "a pod, or deploy/web for one of its pods")
    .option("-i, --stdin", "pass this input on")
    .option("-t, --tty", "with a terminal")
    .option("-c, --container <name>", "which container")
    .option("-q, --quiet", "say nothing but what the process writes")
    .action(
      cli.action<AttachFlags>(async (session, args, flags) => {
        const tty = await terminalOf(session, flags);
        const client = await session.client();
        const pod = await podNameOf(session, args[0] ?? "");
        const container = await chosenContainer(session, pod, flags);
        if (tty && !flags.quiet)
          await session.err("If you don't see a command prompt, try pressing enter.\n");
        const running = await client.attach(pod, {
          namespace: session.namespace,
          signal: session.signal,
          stdin: flags.stdin === true,
          tty,
          ...(container !== undefined && { container }),
        });
        return await attached(session, running, { stdin: flags.stdin === true, tty });
      }),
    );
