// `berth exec`: a command in a container, with this terminal's input and output; its exit code becomes ours.

import { attached, terminalOf } from "../attached.ts";
import type { CommandFactory } from "../command.ts";
import { chosenContainer } from "../default-container.ts";
import { UsageError } from "../errors.ts";
import { podNameOf } from "../pod-choice.ts";

interface ExecFlags {
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
  readonly quiet?: boolean;
}

export const execCommand: CommandFactory = (cli) =>
  cli
    .command("exec", "run a command in a container")
    .argument("<pod>", "a pod, or deploy/web for one of its pods")
    .argument("[command...]", "after --: the command and its arguments")
    .option("-i, --stdin", "pass this input on")
    .option("-t, --tty", "with a terminal")
    .option("-c, --container <name>", "which container")
    .option("-q, --quiet", "say nothing but what the command writes")
    .action(
      cli.action<ExecFlags>(async (session, args, flags) => {
        const [word = "", ...command] = args;
        if (command.length === 0)
          throw new UsageError("say which command: berth exec POD -- COMMAND [ARGUMENTS]");
        const tty = await terminalOf(session, flags);
        const client = await session.client();
        const pod = await podNameOf(session, word);
        const container = await chosenContainer(session, pod, flags);
        const running = await client.exec(pod, command, {
          namespace: session.namespace,
          signal: session.signal,
          stdin: flags.stdin === true,
          tty,
          ...(container !== undefined && { container }),
        });
        return await attached(session, running, { stdin: flags.stdin === true, tty });
      }),
    );
