// Which files stand in a volume that shows config maps, secrets or fields of the pod. Pure; atomic-files.ts writes
// them. No message quotes a value.

import { type ConfigName, failure, type Result, success, type Volume } from "../../protocol/mod.ts";
import type { PodConfigs } from "../configs/config-source.ts";
import { type DownwardContext, fieldValue, resourceValue } from "../pods/downward.ts";

export interface VolumeFile {
  /** Relative to the volume, without `..`. */
  readonly path: string;
  readonly data: Uint8Array;
  readonly mode: number;
}

export interface VolumeFilesContext extends DownwardContext {
  readonly configs: PodConfigs;
}

type Items = NonNullable<NonNullable<Volume["configMap"]>["items"]>;
type DownwardItems = NonNullable<NonNullable<Volume["downwardAPI"]>["items"]>;
const defaultFileMode = 0o644;

/** True for volumes whose files are written by the agent. */
export const isFileVolume = ({ configMap, secret, downwardAPI, projected }: Volume): boolean =>
  (configMap ?? secret ?? downwardAPI ?? projected) !== undefined;

/** Secrets never stand on a disk where the agent may mount memory. */
export const holdsSecrets = ({ secret, projected }: Volume): boolean =>
  secret !== undefined || (projected?.sources ?? []).some((source) => source.secret !== undefined);

/** NotFound names the object or key that is missing and not optional. */
export function volumeFiles(volume: Volume, context: VolumeFilesContext): Result<readonly VolumeFile[]> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) {
    const { name = "", ...source } = configMap;
    return configFiles({ kind: "ConfigMap", name }, { ...source, mode: configMap.defaultMode }, context);
  }
  if (secret) {
    const { secretName = "", ...source } = secret;
    return configFiles(
      { kind: "Secret", name: secretName },
      { ...source, mode: secret.defaultMode },
      context,
    );
  }
  if (downwardAPI) return downwardFiles(downwardAPI.items ?? [], downwardAPI.defaultMode, context);
  return projectedFiles(projected ?? {}, context);
}

interface ConfigSourceOptions {
  readonly items?: Items;
  readonly optional?: boolean;
  readonly mode: number | undefined;
}

function configFiles(
  config: ConfigName,
  { items, optional, mode = defaultFileMode }: ConfigSourceOptions,
  { configs }: VolumeFilesContext,
): Result<readonly VolumeFile[]> {
  const what = `${config.kind.toLowerCase()} "${config.name}"`;
  const values = configs(config);
  if (!values) return optional ? success([]) : failure("NotFound", `${what} not found`);
  if (!items) return success(Object.entries(values).map(([path, data]) => ({ path, data, mode })));
  const files: VolumeFile[] = [];
  for (const item of items) {
    const data = values[item.key];
    if (data) files.push({ path: item.path, data, mode: item.mode ?? mode });
    else if (!optional) return failure("NotFound", `${what} has no key ${item.key}`);
  }
  return success(files);
}

function downwardFiles(
  items: DownwardItems,
  defaultMode: number | undefined,
  context: VolumeFilesContext,
): Result<readonly VolumeFile[]> {
  const files: VolumeFile[] = [];
  for (const { path, mode, fieldRef, resourceFieldRef } of items) {
    const value = fieldRef
      ? fieldValue(fieldRef.fieldPath, context)
      : resourceValue(resourceFieldRef ?? { resource: "" }, undefined, context);
    if (!value.ok) return value;
    files.push({ path, data: Buffer.from(value.value), mode: mode ?? defaultMode ?? defaultFileMode });
  }
  return success(files);
}

function projectedFiles(
  { sources = [], defaultMode: mode }: NonNullable<Volume["projected"]>,
  context: VolumeFilesContext,
): Result<readonly VolumeFile[]> {
  const files: VolumeFile[] = [];
  for (const { configMap, secret, downwardAPI, ...other } of sources) {
    const { name = "", ...source } = configMap ?? secret ?? {};
    const kind = configMap ? "ConfigMap" : "Secret";
    const [unknown] = Object.keys(other);
    const made =
      configMap || secret
        ? configFiles({ kind, name }, { ...source, mode }, context)
        : downwardAPI
          ? downwardFiles(downwardAPI.items ?? [], mode, context)
          : unknown
            ? failure("Invalid", `projected source ${unknown} is not supported`)
            : success([]);
    if (!made.ok) return made;
    files.push(...made.value);
  }
  return success(files);
}
