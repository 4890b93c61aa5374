// `berth drain`: empties nodes as far as disruption budgets allow, and says what it waits for.

import type { DrainStep } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { wholeNumberFlag } from "../settings.ts";
import type { Session } from "../session.ts";
import { eachNode, type NodeFlags } from "./nodes.ts";

interface DrainFlags extends NodeFlags {
  readonly force?: boolean;
  readonly ignoreDaemonsets?: boolean;
  readonly deleteEmptydirData?: boolean;
  readonly disableEviction?: boolean;
  readonly gracePeriod?: string;
  readonly podSelector?: string;
  readonly dryRun?: boolean | string;
}

export const drainCommand: CommandFactory = (cli) =>
  cli
    .command("drain", "empty nodes: cordon them and evict their pods (--timeout bounds each node's)")
    .argument("[nodes...]", "names of nodes")
    .option("-l, --selector <labels>", "nodes whose labels match")
    .option("--pod-selector <labels>", "only pods whose labels match")
    .option("--force", "also pods that no controller replaces")
    .option("--grace-period <seconds>", "time that containers get to end (default: each pod's own)")
    .option("--ignore-daemonsets", "leave the pods of daemon sets where they are")
    .option("--delete-emptydir-data", "also pods with emptyDir volumes, whose data goes with them")
    .option("--disable-eviction", "delete pods, whatever disruption budgets say")
    .option("--dry-run [mode]", "only say what would happen (none turns it off)")
    .action(
      cli.action<DrainFlags>((session, args, flags) => {
        const grace =
          flags.gracePeriod === undefined ? -1 : wholeNumberFlag("--grace-period", flags.gracePeriod, -1);
        return eachNode(session, args, flags, (node) => drain(session, node, { flags, grace }));
      }),
    );

async function drain(
  session: Session,
  node: string,
  { flags, grace }: { readonly flags: DrainFlags; readonly grace: number },
): Promise<void> {
  const client = await session.client();
  const { dryRun = false } = flags;
  const isDry = dryRun !== false && dryRun !== "none";
  const steps = client.drain(node, {
    signal: session.signal,
    ...(session.settings.timeoutMs !== undefined && { timeoutMs: session.settings.timeoutMs }),
    ...(flags.force && { force: true }),
    ...(flags.ignoreDaemonsets && { ignoreDaemonSets: true }),
    ...(flags.deleteEmptydirData && { deleteEmptyDirData: true }),
    ...(flags.disableEviction && { disableEviction: true }),
    ...(isDry && { dryRun: true }),
    ...(flags.podSelector && { labelSelector: flags.podSelector }),
    ...(grace >= 0 && { gracePeriodSeconds: grace }),
  });
  const dry = isDry ? " (dry run)" : "";
  const told = new Map<string, string>();
  for await (const step of steps) await tell(session, step, { dry, told });
  await session.out(`node/${node} drained${dry}\n`);
}

interface Telling {
  readonly dry: string;
  /** What a pod's refusal said last: the same words every second would hide what changes. */
  readonly told: Map<string, string>;
}

async function tell(session: Session, step: DrainStep, { dry, told }: Telling): Promise<void> {
  switch (step.type) {
    case "cordoned":
      return session.out(`node/${step.node} ${step.already ? "already " : ""}cordoned${dry}\n`);
    case "warning":
      return session.err(`Warning: ${step.message}\n`);
    case "evicting":
      return session.out(`evicting pod ${step.namespace}/${step.pod}${dry}\n`);
    case "evicted":
      return session.out(`pod/${step.pod} evicted\n`);
    case "refused": {
      const { namespace, pod, message, retryMs } = step;
      const key = `${namespace}/${pod}`;
      if (told.get(key) === message) return;
      told.set(key, message);
      return session.err(
        `error when evicting pods/"${pod}" -n "${namespace}" (will retry after ${retryMs / 1000}s): ${message}\n`,
      );
    }
    default:
      return step satisfies never;
  }
}
