// `berth run`: one pod of an image, for a try or a single task; with --attach its output and exit code become ours.

import type { ApiObject, BerthClient } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { dryRunOf } from "../dry-run.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { parseLabels } from "../key-changes.ts";
import { collect } from "../repeated.ts";
import type { Session } from "../session.ts";
import { wholeNumberFlag } from "../settings.ts";

interface RunFlags extends CreateFlags {
  readonly image: string;
  readonly env?: readonly string[];
  readonly port?: string;
  readonly labels?: string;
  readonly annotations?: readonly string[];
  readonly command?: boolean;
  readonly restart: string;
  readonly imagePullPolicy?: string;
  readonly privileged?: boolean;
  readonly expose?: boolean;
  readonly attach?: boolean;
  readonly rm?: boolean;
  readonly stdin?: boolean;
  readonly tty?: boolean;
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
    .option("--expose", "make a service for --port too")
    .option("--attach", "wait for it, show its output and end with its exit code")
    .option("--rm", "with --attach: delete it afterwards")
    .option("-i, --stdin", "not supported: start it, then berth exec -i")
    .option("-t, --tty", "not supported: start it, then berth exec -it")
    .action(
      cli.action<RunFlags>(async (session, [name = "", ...words], flags) => {
        check(name, flags);
        const done = await createObject(session, podOf(name, words, flags), flags);
        if (flags.expose) await createObject(session, serviceOf(name, flags), flags);
        if (!flags.attach || dryRunOf(flags) !== "none") return done;
        return await attach(session, await session.client(), name, flags);
      }),
    );

function check(name: string, flags: RunFlags): void {
  if (flags.stdin || flags.tty) {
    throw new UsageError(
      `input can't be passed to a container's first process yet; run it with a command that waits, then berth exec -it ${name} -- sh`,
    );
  }
  if (flags.rm && !flags.attach)
    throw new UsageError("--rm goes with --attach: else it would go before it has run");
  if (flags.rm && flags.restart === "Always")
    throw new UsageError("--rm goes with --restart=Never or OnFailure");
  if (flags.expose && flags.port === undefined) throw new UsageError("--expose needs --port");
  if (!["Always", "OnFailure", "Never"].includes(flags.restart)) {
    throw new UsageError(
      `--restart takes Always, OnFailure or Never, found ${JSON.stringify(flags.restart)}`,
    );
  }
}

const labelsOf = (name: string, { labels }: RunFlags): Record<string, string> =>
  labels === undefined ? { run: name } : { ...parseLabels("--labels", labels) };

function podOf(name: string, words: readonly string[], flags: RunFlags): ApiObject {
  const { image, env = [], port, annotations = [], command, restart, imagePullPolicy, privileged } = flags;
  const variables = env.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--env takes NAME=value, found ${JSON.stringify(text)}`);
    return { name: text.slice(0, at), value: text.slice(at + 1) };
  });
  const container = {
    name,
    image,
    ...(words.length > 0 && { [command ? "command" : "args"]: [...words] }),
    ...(variables.length > 0 && { env: variables }),
    ...(port !== undefined && { ports: [{ containerPort: wholeNumberFlag("--port", port, 1) }] }),
    ...(imagePullPolicy && { imagePullPolicy }),
    ...(privileged && { securityContext: { privileged: true } }),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      labels: labelsOf(name, flags),
      ...(annotations.length > 0 && {
        annotations: Object.assign({}, ...annotations.map((text) => parseLabels("--annotations", text))),
      }),
    },
    spec: { containers: [container], restartPolicy: restart },
  };
}

function serviceOf(name: string, flags: RunFlags): ApiObject {
  const port = wholeNumberFlag("--port", flags.port ?? "", 1);
  const spec = { selector: labelsOf(name, flags), ports: [{ port, protocol: "TCP", targetPort: port }] };
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

async function attach(session: Session, client: BerthClient, name: string, flags: RunFlags): Promise<number> {
  const { namespace, signal } = session;
  const call = { namespace, signal };
  const begun = new Set(["Running", "Succeeded", "Failed"]);
  try {
    await client.waitFor("Pod", name, (pod) => begun.has(pod?.status?.phase ?? ""), {
      ...call,
      ...(session.settings.timeoutMs && { timeoutMs: session.settings.timeoutMs }),
    });
    for await (const { channel, data } of client.logs(name, { ...call, follow: true })) {
      await (channel === "stdout" ? session.io.stdout : session.io.stderr).write(data);
    }
    const ended = await client.waitFor("Pod", name, (pod) => hasEnded(pod?.status?.phase), call);
    return ended?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode ?? exitCodes.failed;
  } finally {
    if (flags.rm) {
      // Also after Ctrl-C, whose signal must not stop this.
      await client.delete("Pod", name, { namespace });
      await session.out(`pod "${name}" deleted\n`);
    }
  }
}

const hasEnded = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";
