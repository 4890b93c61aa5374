// An application's folder of manifests: which namespaces it needs, and which of its containers end by themselves.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { isRecord, kindByWord } from "../../protocol/mod.ts";

/** Below an application's folder: a folder for each config map that is to be made first, of the files it holds. */
export const configMapsFolder = "config-maps";

const defaultNamespace = "default";

export interface Application {
  readonly name: string;
  readonly folder: string;
  /** Of its objects, if any of them names one. */
  readonly namespaces: readonly string[];
  /** Names of init containers, and of the containers of jobs. */
  readonly ending: ReadonlySet<string>;
  /** Name and folder of each config map that is to be made first. */
  readonly configMaps: readonly { readonly name: string; readonly folder: string }[];
}

export async function readApplications(folder: string): Promise<readonly Application[]> {
  const found = await readdir(folder, { withFileTypes: true });
  const names = found.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.toSorted().map((name) => readApplication(name, join(folder, name))));
}

async function readApplication(name: string, folder: string): Promise<Application> {
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((each): unknown => each.toJS()));
  const known = objects.filter(isRecord).filter(({ kind }) => kindByWord(String(kind)) !== undefined);
  const places = known.flatMap(({ kind, metadata }) => {
    if (kindByWord(String(kind))?.namespaced !== true) return [];
    const namespace = isRecord(metadata) ? metadata["namespace"] : undefined;
    return [typeof namespace === "string" ? namespace : defaultNamespace];
  });
  const namespaces = places.every((place) => place === defaultNamespace) ? [] : [...new Set(places)];
  const maps = join(folder, configMapsFolder);
  const configMaps = (await readdir(maps).catch((): string[] => [])).toSorted();
  return {
    name,
    folder,
    namespaces,
    ending: new Set(known.flatMap(endingIn)),
    configMaps: configMaps.map((map) => ({ name: map, folder: join(maps, map) })),
  };
}

function endingIn(object: Readonly<Record<string, unknown>>): readonly string[] {
  const job = object["kind"] === "Job" || object["kind"] === "CronJob";
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isRecord(value)) return;
    for (const list of [value["initContainers"], job ? value["containers"] : undefined]) {
      if (Array.isArray(list))
        found.push(
          ...list
            .filter(isRecord)
            .filter(ends)
            .map(({ name }) => String(name)),
        );
    }
    Object.values(value).forEach(visit);
  };
  visit(object);
  return found;
}

/** A sidecar does not. */
const ends = (container: Readonly<Record<string, unknown>>): boolean =>
  container["restartPolicy"] !== "Always";
