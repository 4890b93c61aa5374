// `berth logs`: what containers wrote, of one pod, of one of a workload's, or of all that a selector names.

import { BerthError, type LogOptions, type Stored } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { chosenContainer } from "../default-container.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { LineSplitter } from "../lines.ts";
import { podNameOf, podsOf, selectorOfWord } from "../pod-choice.ts";
import type { Session } from "../session.ts";
import { durationFlag, wholeNumberFlag } from "../settings.ts";

interface LogFlags {
  readonly follow?: boolean;
  readonly container?: string;
  readonly allContainers?: boolean;
  readonly previous?: boolean;
  readonly tail?: string;
  readonly since?: string;
  readonly timestamps?: boolean;
  readonly selector?: string;
  readonly limitBytes?: string;
  readonly sinceTime?: string;
  /** The cluster's prefix has the same name, and a value. */
  readonly prefix?: boolean | string;
  readonly allPods?: boolean;
  readonly maxLogRequests?: string;
}

interface Target {
  readonly pod: string;
  readonly container?: string;
}

/** Logs that one command shows at a time unless it is told otherwise; more would drown a terminal. */
const maxStreams = 20;
/** Lines of each pod when a selector names them and nothing else is asked, as kubectl has it. */
const selectorTail = 10;

export const logsCommand: CommandFactory = (cli) =>
  cli
    .command("logs", "show what containers wrote", ["prefix"])
    .argument("[what...]", "a pod, or deploy/web for one of its pods")
    .option("-f, --follow", "go on as it grows")
    .option("-c, --container <name>", "which container")
    .option("--all-containers", "every container of the pod")
    .option("-p, --previous", "of the run before the present one")
    .option("--tail <lines>", "only the last lines")
    .option("--since <duration>", "only what is younger, such as 5m")
    .option("--since-time <time>", "only what is younger than this time (RFC 3339)")
    .option("--all-pods", "every pod of the workload")
    .option("--prefix", "begin each line with the pod and container that wrote it")
    .option("--max-log-requests <n>", `logs that are shown at the same time (default: ${maxStreams})`)
    .option("--timestamps", "begin each line with its time")
    .option("-l, --selector <labels>", "of all pods whose labels match")
    .option("--limit-bytes <n>", "at most so many bytes")
    .action(
      cli.action<LogFlags>(async (session, args, flags) => {
        const { targets, selected } = await targetsOf(session, args, flags);
        const several = targets.length > 1 || flags.prefix === true;
        const options = logOptions(session, flags, selected);
        const results = await Promise.all(
          targets.map((target) => copy(session, target, { options, several })),
        );
        if (session.signal.aborted) return exitCodes.interrupted;
        return results.every(Boolean) ? exitCodes.done : exitCodes.failed;
      }),
    );

function logOptions(session: Session, flags: LogFlags, selected: boolean): LogOptions {
  const { follow, previous, timestamps } = flags;
  const tail =
    flags.tail === undefined ? (selected ? selectorTail : -1) : wholeNumberFlag("--tail", flags.tail, -1);
  return {
    namespace: session.namespace,
    signal: session.signal,
    ...(follow && { follow }),
    ...(previous && { previous }),
    ...(timestamps && { timestamps }),
    ...(tail >= 0 && { tailLines: tail }),
    ...(flags.sinceTime && { sinceSeconds: secondsSince(session, flags.sinceTime) }),
    ...(flags.since && { sinceSeconds: Math.ceil(durationFlag("--since", flags.since) / 1000) }),
    ...(flags.limitBytes && { limitBytes: wholeNumberFlag("--limit-bytes", flags.limitBytes, 1) }),
  };
}

function secondsSince(session: Session, text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new UsageError(`--since-time takes a time such as 2030-01-31T12:00:00Z, found ${text}`);
  }
  return Math.max(1, Math.ceil((session.now() - time) / 1000));
}

/** What is to be shown; `selected` when labels chose it, not a name. */
async function targetsOf(
  session: Session,
  args: readonly string[],
  flags: LogFlags,
): Promise<{ readonly targets: readonly Target[]; readonly selected: boolean }> {
  const [word, named, ...others] = args;
  const selected = flags.selector !== undefined;
  if (selected && word !== undefined) throw new UsageError("give a pod or a selector, not both");
  if ((!selected && word === undefined) || others.length > 0)
    throw new UsageError("name one pod, or select pods with -l");
  const selector = flags.selector ?? (flags.allPods ? await selectorOfWord(session, word ?? "") : undefined);
  const container = flags.container ?? named;
  if (selector !== undefined) {
    const pods = await podsOf(session, selector);
    if (pods.length === 0) throw new BerthError({ code: "NotFound", message: `no pods match ${selector}` });
    const targets = pods.flatMap((pod) =>
      flags.allContainers
        ? containersOf(pod)
        : [{ pod: pod.metadata.name ?? "", ...(container !== undefined && { container }) }],
    );
    return { targets: fewEnough(targets, flags), selected };
  }
  const pod = await podNameOf(session, word ?? "");
  if (flags.allContainers) {
    const client = await session.client();
    const found = await client.get("Pod", pod, { namespace: session.namespace, signal: session.signal });
    return { targets: containersOf(found), selected };
  }
  const chosen = await chosenContainer(session, pod, { ...(container !== undefined && { container }) });
  return { targets: [{ pod, ...(chosen !== undefined && { container: chosen }) }], selected };
}

function fewEnough(targets: readonly Target[], { maxLogRequests }: LogFlags): readonly Target[] {
  const most =
    maxLogRequests === undefined ? maxStreams : wholeNumberFlag("--max-log-requests", maxLogRequests, 1);
  if (targets.length <= most) return targets;
  throw new UsageError(
    `${targets.length} logs are more than the ${most} that are shown at the same time; ` +
      "narrow the selection, or use --max-log-requests",
  );
}

const containersOf = (pod: Stored<"Pod">): readonly Target[] =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(({ name }) => ({
    pod: pod.metadata.name ?? "",
    container: name,
  }));

async function copy(
  session: Session,
  target: Target,
  { options, several }: { readonly options: LogOptions; readonly several: boolean },
): Promise<boolean> {
  const client = await session.client();
  const { pod, container } = target;
  const label = session.style.cyan(`[${container ? `${pod}/${container}` : pod}] `);
  const lines = new LineSplitter();
  const print = async (line: Uint8Array): Promise<void> =>
    session.out(several ? Buffer.concat([Buffer.from(label), line]) : line);
  try {
    for await (const { data } of client.logs(pod, { ...options, ...(container && { container }) })) {
      if (!several) await session.out(data);
      else for (const line of lines.push(data)) await print(line);
    }
    for (const line of lines.end()) await print(line);
    return true;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    await session.err(`${berthErrorText(error)}\n`);
    return false;
  }
}
