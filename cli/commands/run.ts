// `berth run`: one pod of an image, for a try or a single task. With -i or --attach this terminal is its input and output,
// and its exit code becomes ours. As kubectl run does it.

import type { BerthClient } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { dryRunOf } from "../dry-run.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { joinContainer } from "../join-container.ts";
import { collect } from "../repeated.ts";
import { type PodFlags, podOf, serviceOf } from "../run-objects.ts";
import type { Session } from "../session.ts";
import { durationFlag } from "../settings.ts";

interface RunFlags extends CreateFlags, PodFlags {
  readonly expose?: boolean;
  readonly attach?: boolean;
  readonly rm?: boolean;
  readonly quiet?: boolean;
  readonly podRunningTimeout: string;
}

export const runCommand: CommandFactory = (cli) =>
  addCreateOptions(cli.command("run", "run one pod of an image"))
    .argument("<name>", "its name")
    .argument("[words...]", "after --, arguments of its container, or its command with --command")
    .requiredOption("--image <image>", "image of its container")
    .option("--env <name=value>", "a variable; may be repeated", collect)
    .option("--port <n>", "port that the container listens on")
    .option("-l, --labels <labels>", "its labels, as a=b,c=d; absent: run=NAME")
    .option("--annotations <key=value>", "an annotation; may be repeated", collect)
    .option("--command", "the words are the command, not its arguments")
    .option("--restart <policy>", "Always, OnFailure or Never", "Always")
    .option("--image-pull-policy <policy>", "Always, IfNotPresent or Never")
    .option("--privileged", "with all rights of its host")
    .option("--overrides <json>", "a patch of the pod that the other flags make")
    .option("--override-type <type>", "of that patch: merge, strategic or json", "merge")
    .option("--expose", "make a service for --port too")
    .option("--attach", "wait for it and show its output; its exit code is ours (not with --restart=Always)")
    .option("-i, --stdin", "attach, and pass this input on")
    .option("-t, --tty", "with a terminal; goes with -i")
    .option("--leave-stdin-open", "its input stays open when we leave")
    .option("--rm", "attached: delete it afterwards")
    .option("--pod-running-timeout <duration>", "attached: it must have started by then", "1m")
    .option("-q, --quiet", "attached: say nothing but what it writes")
    .action(
      cli.action<RunFlags>(async (session, [name = "", ...words], flags) => {
        const attaches = flags.attach ?? flags.stdin === true;
        check(flags, attaches);
        // What an attached pod writes is ours alone.
        const word = attaches ? "" : "created";
        await createObject(session, podOf(name, words, flags), flags, word);
        if (flags.expose) await createObject(session, serviceOf(name, flags), flags, word);
        return attaches ? await untilEnded(session, name, flags) : exitCodes.done;
      }),
    );

function check(flags: RunFlags, attaches: boolean): void {
  if (!["Always", "OnFailure", "Never"].includes(flags.restart)) {
    throw new UsageError(
      `--restart takes Always, OnFailure or Never, found ${JSON.stringify(flags.restart)}`,
    );
  }
  if (flags.tty && !flags.stdin) throw new UsageError("-t goes with -i: a terminal needs input");
  if (flags.rm && !attaches) {
    throw new UsageError("--rm goes with --attach or -i: else it would go before it has run");
  }
  if (attaches && dryRunOf(flags) !== "none") {
    throw new UsageError("--dry-run does not go with --attach and -i: nothing is made to attach to");
  }
  if (flags.expose && flags.port === undefined) throw new UsageError("--expose needs --port");
}

async function untilEnded(session: Session, pod: string, flags: RunFlags): Promise<number> {
  const { namespace } = session;
  const client = await session.client();
  const { stdin = false, tty = false, quiet = false, restart, leaveStdinOpen = false } = flags;
  try {
    const startTimeoutMs = durationFlag("--pod-running-timeout", flags.podRunningTimeout);
    await joinContainer(session, { pod, container: pod, stdin, tty, quiet, startTimeoutMs });
    if (restart !== "Always" && !leaveStdinOpen) return await exitCodeOf(session, client, pod);
    if (stdin && !quiet && !flags.rm) {
      const again = `berth attach ${pod} -c ${pod} -i${tty ? " -t" : ""}`;
      await session.err(`Session ended, resume using '${again}' while the pod is running\n`);
    }
    return exitCodes.done;
  } finally {
    if (flags.rm) {
      const made = [["Pod", pod] as const, ...(flags.expose ? [["Service", pod] as const] : [])];
      // Also after Ctrl-C, whose signal must not stop this.
      for (const [kind, name] of made) {
        await client.delete(kind, name, { namespace });
        if (!quiet) await session.out(`${kind.toLowerCase()} "${name}" deleted\n`);
      }
    }
  }
}

/** Once nothing of it is started again. */
async function exitCodeOf(session: Session, client: BerthClient, name: string): Promise<number> {
  const { namespace, signal } = session;
  const hasEnded = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";
  const pod = await client.waitFor("Pod", name, (found) => hasEnded(found?.status?.phase), {
    namespace,
    signal,
  });
  if (pod?.status?.phase === "Succeeded") return exitCodes.done;
  const ended = pod?.status?.containerStatuses?.[0]?.state?.terminated;
  const { reason = "Error", message = "" } = ended ?? pod?.status ?? {};
  await session.err(
    `pod ${namespace}/${name} terminated (${reason})${message === "" ? "" : `\n${message}`}\n`,
  );
  return ended?.exitCode || exitCodes.failed;
}
