// What `berth run` makes: one pod of an image, and with --expose a service for it. Pure.

import { type ApiObject, readValue } from "../client/mod.ts";
import { UsageError } from "./errors.ts";
import { parseLabels } from "./key-changes.ts";
import { asPatch, patchedLocally } from "./local-objects.ts";
import { wholeNumberFlag } from "./settings.ts";

export interface PodFlags {
  readonly image: string;
  readonly env?: readonly string[];
  readonly port?: string;
  readonly labels?: string;
  readonly annotations?: readonly string[];
  readonly command?: boolean;
  readonly restart: string;
  readonly imagePullPolicy?: string;
  readonly privileged?: boolean;
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly leaveStdinOpen?: boolean;
  readonly overrides?: string;
  readonly overrideType: string;
}

const labelsOf = (name: string, { labels }: PodFlags): Record<string, string> =>
  labels === undefined ? { run: name } : { ...parseLabels("--labels", labels) };

export function podOf(name: string, words: readonly string[], flags: PodFlags): ApiObject {
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
    ...(flags.stdin && { stdin: true }),
    // The end of our input is the end of its.
    ...(flags.stdin && !flags.leaveStdinOpen && { stdinOnce: true }),
    ...(flags.tty && { tty: true }),
  };
  const pod: ApiObject = {
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
  return flags.overrides === undefined ? pod : overridden(pod, flags.overrides, flags.overrideType);
}

export function serviceOf(name: string, flags: PodFlags): ApiObject {
  const port = wholeNumberFlag("--port", flags.port ?? "", 1);
  const spec = { selector: labelsOf(name, flags), ports: [{ port, protocol: "TCP", targetPort: port }] };
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

/** `--overrides`: a patch of what the other flags have made. */
function overridden(object: ApiObject, text: string, type: string): ApiObject {
  if (type !== "merge" && type !== "strategic" && type !== "json") {
    throw new UsageError(`--override-type takes merge, strategic or json, found ${JSON.stringify(type)}`);
  }
  const read = readValue(text, "--overrides");
  if (!read.ok) throw new UsageError(read.error.message);
  return patchedLocally(object, asPatch(read.value, type), type);
}
