// What `berth run` makes: one pod of an image, and with --expose a service for it. Pure.

import type { ApiObject } from "../client/mod.ts";
import { isFields, jsonPatch, mergePatch, type Result, strategicPatch, success } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { parseLabels } from "./key-changes.ts";
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
export function overridden(object: ApiObject, text: string, type: string): ApiObject {
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--overrides takes JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const patched = patchedBy(object, patch, type);
  if (!patched.ok) throw new UsageError(`--overrides: ${patched.error.message}`);
  const { value } = patched;
  if (isApiObject(value)) return value;
  throw new UsageError("--overrides leaves no object with apiVersion, kind and metadata");
}

function patchedBy(object: ApiObject, patch: unknown, type: string): Result<unknown> {
  if (type === "json" && Array.isArray(patch)) return jsonPatch(object, patch);
  if (!isFields(patch)) {
    const wanted = type === "json" ? "a list of operations" : 'an object, such as {"spec":{"nodeName":"n1"}}';
    throw new UsageError(`--overrides with --override-type=${type} takes ${wanted}`);
  }
  if (type === "merge") return success(mergePatch(object, patch));
  if (type === "strategic") return strategicPatch(object.kind, { ...object }, patch);
  throw new UsageError(`--override-type takes merge, strategic or json, found ${JSON.stringify(type)}`);
}

const isApiObject = (value: unknown): value is ApiObject =>
  isFields(value) &&
  typeof value["apiVersion"] === "string" &&
  typeof value["kind"] === "string" &&
  isFields(value["metadata"]);
