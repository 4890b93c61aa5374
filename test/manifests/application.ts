// An application's folder of manifests: which namespaces it needs, and what is said of its containers.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { isRecord, kindByWord } from "../../protocol/mod.ts";

/** Below an application's folder: a folder for each config map that is to be made first, of the files it holds. */
export const configMapsFolder = "config-maps";

const defaultNamespace = "default";

type Fields = Readonly<Record<string, unknown>>;

export interface AppliedContainer {
  readonly name: string;
  readonly image: string;
  /** What its command begins with; undefined where the image says it. */
  readonly program: string | undefined;
  readonly ports: readonly number[];
  /** By itself, as init containers and those of jobs do. */
  readonly ends: boolean;
}

export interface Application {
  readonly name: string;
  readonly folder: string;
  /** Of its objects, if any of them names one. */
  readonly namespaces: readonly string[];
  readonly containers: readonly AppliedContainer[];
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
    containers: known.flatMap(containersIn),
    configMaps: configMaps.map((map) => ({ name: map, folder: join(maps, map) })),
  };
}

function containersIn(object: Fields): readonly AppliedContainer[] {
  const job = object["kind"] === "Job" || object["kind"] === "CronJob";
  const found: AppliedContainer[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isRecord(value)) return;
    found.push(...recordsOf(value["initContainers"]).map((each) => containerOf(each, !isSidecar(each))));
    found.push(...recordsOf(value["containers"]).map((each) => containerOf(each, job)));
    Object.values(value).forEach(visit);
  };
  visit(object);
  return found;
}

const recordsOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const isSidecar = (container: Fields): boolean => container["restartPolicy"] === "Always";

function containerOf({ name, image, command, ports }: Fields, ends: boolean): AppliedContainer {
  const program: unknown = Array.isArray(command) ? command[0] : undefined;
  return {
    name: String(name),
    image: String(image),
    program: typeof program === "string" ? program : undefined,
    ports: recordsOf(ports).map(({ containerPort }) => Number(containerPort)),
    ends,
  };
}
