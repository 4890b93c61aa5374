// `berth debug`: a container beside those of a pod that runs, a copy of a pod to try things on, or a pod on a node
// that sees all of its host. As kubectl debug does it.

import type { CommandFactory } from "../command.ts";
import { debugCopy, type DebugFlags, debuggerName, ephemeralDebugger, nodeDebugger } from "../debug-pods.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { joinContainer } from "../join-container.ts";
import type { Session } from "../session.ts";

const startTimeoutMs = 60_000;
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export const debugCommand: CommandFactory = (cli) =>
  cli
    .command("debug", "look into a running pod, a copy of it, or a node")
    .argument("<what>", "a pod, pod/web or node/n1")
    .argument("[command...]", "after --: the command and its arguments")
    .option("--image <image>", "image of the container to debug with")
    .option("--image-pull-policy <policy>", "Always, IfNotPresent or Never")
    .option("--target <container>", "see the processes of this container")
    .option("-c, --container <name>", "name of the container that is added or changed")
    .option("-i, --stdin", "pass this input on")
    .option("-t, --tty", "with a terminal")
    .option("--attach", "attach to it also without -i")
    .option("--env <key=value>", "variable of its environment; may be given again", collect)
    .option("--copy-to <name>", "make a copy of the pod with this name, and change that")
    .option("--same-node", "the copy goes to the pod's node")
    .option(
      "--set-image <name=image>",
      "image of a container of the copy; * for all; may be given again",
      collect,
    )
    .option("--replace", "delete the pod once its copy is made")
    .option("--no-share-processes", "containers of the copy do not see each other's processes")
    .option("-q, --quiet", "say nothing about what is made")
    .action(
      cli.action<DebugFlags>(async (session, args, flags) => {
        const [word = "", ...command] = args;
        const [first = "", second] = word.split("/");
        const isNode = second !== undefined && ["node", "nodes", "no"].includes(first);
        if (isNode) return await debugNode(session, second, command, flags);
        if (second !== undefined && !["pod", "pods", "po"].includes(first)) {
          throw new UsageError(`debug takes a pod or node/name, found ${word}`);
        }
        const pod = second ?? first;
        if (flags.copyTo !== undefined) return await debugInCopy(session, pod, command, flags);
        return await debugInPod(session, pod, command, flags);
      }),
    );

async function debugInPod(
  session: Session,
  pod: string,
  command: readonly string[],
  flags: DebugFlags,
): Promise<number> {
  const image = imageOf(flags);
  const client = await session.client();
  const { namespace, signal } = session;
  const found = await client.get("Pod", pod, { namespace, signal });
  const name = flags.container ?? debuggerName(found);
  if (flags.target === undefined && flags.quiet !== true) {
    await session.err("Targeting no container: --target shows the processes of one that runs in the pod.\n");
  }
  if (flags.quiet !== true) await session.err(`Defaulting debug container name to ${name}.\n`);
  const container = ephemeralDebugger({ name, image, command, flags });
  await client.addEphemeralContainers(pod, [container], { namespace, signal });
  return await join(session, { pod, container: name, flags });
}

async function debugInCopy(
  session: Session,
  pod: string,
  command: readonly string[],
  flags: DebugFlags,
): Promise<number> {
  const client = await session.client();
  const { namespace, signal } = session;
  const found = await client.get("Pod", pod, { namespace, signal });
  const copy = debugCopy(found, { name: flags.copyTo ?? "", command, flags });
  if (!copy.ok) throw new UsageError(copy.error.message);
  const { warnings } = await client.create(copy.value.pod, { signal });
  await session.warn(warnings);
  if (flags.replace) await client.delete("Pod", pod, { namespace, signal });
  const name = flags.copyTo ?? "";
  return await join(session, { pod: name, container: copy.value.container, flags });
}

async function debugNode(
  session: Session,
  node: string,
  command: readonly string[],
  flags: DebugFlags,
): Promise<number> {
  const image = imageOf(flags);
  const client = await session.client();
  const { namespace, signal } = session;
  await client.get("Node", node, { signal });
  const made = await client.create(nodeDebugger({ node, namespace, image, command, flags }), { signal });
  const name = made.object?.metadata.name ?? "";
  await session.warn(made.warnings);
  if (flags.quiet !== true) {
    await session.err(
      `Creating debugging pod ${name} with container debugger on node ${node}; delete it when you are done.\n`,
    );
  }
  return await join(session, { pod: name, container: "debugger", flags });
}

function imageOf({ image }: DebugFlags): string {
  if (image) return image;
  throw new UsageError("say with which image: --image=busybox");
}

/** Waits until the container runs, and joins it where that was asked for. */
async function join(
  session: Session,
  { pod, container, flags }: { readonly pod: string; readonly container: string; readonly flags: DebugFlags },
): Promise<number> {
  if (flags.attach !== true && flags.stdin !== true) return exitCodes.done;
  const { stdin = false, tty = false, quiet = false } = flags;
  return await joinContainer(session, { pod, container, stdin, tty, quiet, startTimeoutMs });
}
