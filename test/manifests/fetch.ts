// Fetches the listed applications' files from Debian's source packages into a folder, one subfolder for each application,
// for readApplications. Once: as long as the list stays the same nothing is asked of the network again.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { extract } from "tar-stream";
import { decompressed, type DebianArchive, withDebianArchive } from "../../deploy/mod.ts";
import { configMapsFolder } from "./application.ts";
import { applications } from "./applications.ts";
import { type ListedApplication, type SourceName, sources } from "./sources.ts";

/** Written last: what the folder was made from. */
const stampFile = "list.json";

export interface FetchOptions {
  /** E.g. `.berth/manifests`. */
  readonly directory: string;
  /** One line of progress. */
  readonly report: (line: string) => void;
}

/** Undefined once they are there, else why they can't be had on this machine. */
export async function fetchApplications({ directory, report }: FetchOptions): Promise<string | undefined> {
  const stamp = JSON.stringify({ sources, applications });
  if ((await readFile(join(directory, stampFile), "utf8").catch(() => "")) === stamp) return undefined;
  const names = Object.keys(sources) as readonly SourceName[];
  const suites = [...new Set(names.map((name) => sources[name].suite))];
  const making = `${directory}.${process.pid}`;
  try {
    const done = await withDebianArchive(
      suites.map((suite) => ({ type: "deb-src", suite })),
      async (archive) => {
        report(`fetching manifests of ${applications.length} applications from Debian's source packages`);
        for (const name of names) await unpack(archive, name, making);
        return true;
      },
    );
    if (!done) return "they come from Debian's source packages, and this is no Debian";
    await writeFile(join(making, stampFile), stamp);
    await rm(directory, { recursive: true, force: true });
    await rename(making, directory);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function unpack({ apt, folder }: DebianArchive, source: SourceName, directory: string): Promise<void> {
  await apt("source", "--download-only", "--tar-only", `${source}/${sources[source].suite}`);
  const archive = (await readdir(folder)).find((name) => name.startsWith(`${source}_`));
  if (archive === undefined) throw new Error(`apt-get downloaded no source of ${source}`);
  const places = new Map<string, string[]>();
  for (const application of applications.filter((each) => each.source === source)) {
    for (const [path, place] of placesOf(application)) {
      places.set(path, [...(places.get(path) ?? []), join(directory, place)]);
    }
  }
  const reader = decompressed(join(folder, archive)).pipe(extract());
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    // The first folder is the package with its version.
    const path = entry.header.name.replace(/^(\.\/)?[^/]+\//, "");
    for (const place of places.get(path) ?? []) {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, Buffer.concat(chunks));
    }
    places.delete(path);
  }
  if (places.size > 0)
    throw new Error(`Debian's source of ${source} does not hold ${[...places.keys()].join(", ")}`);
}

/** Path in the package, and in the folder of all applications. */
function placesOf({
  name,
  files,
  configMaps = {},
}: ListedApplication): readonly (readonly [string, string])[] {
  const manifests = files.map((file) => [file, join(name, flatName(file, files))] as const);
  const data = Object.entries(configMaps).flatMap(([map, paths]) =>
    paths.map((path) => [path, join(name, configMapsFolder, map, basename(path))] as const),
  );
  return [...manifests, ...data];
}

/** The file's own name; with its folder's where two have the same. */
function flatName(file: string, files: readonly string[]): string {
  const name = basename(file);
  const alone = files.filter((other) => basename(other) === name).length === 1;
  return alone ? name : `${basename(dirname(file))}-${name}`;
}
