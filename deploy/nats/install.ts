// Finds a nats-server that is new enough, or installs one into a folder of the project's own:
// from Debian's packages where apt is there, else from nats-server's release, checked against its checksums.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { extract } from "tar-stream";
import { gunzipSync } from "node:zlib";
import { withDebianArchive } from "../debian/mod.ts";
import { isSupportedServer, oldestNatsServer, parseServerVersion } from "./version.ts";

const run = promisify(execFile);

/** Release that is installed where apt is not. */
const releaseVersion = "2.14.0";
const debianSuite = "forky";
const installTimeoutMs = 120_000;

export interface NatsBinary {
  readonly path: string;
  readonly version: string;
  readonly from: "BERTH_NATS_SERVER" | "project" | "PATH" | "Debian packages" | "nats-server release";
}

export interface EnsureOptions {
  /** Folder for an installed binary, e.g. `.berth/bin`. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line of progress. */
  readonly report: (line: string) => void;
}

/** Throws an Error whose message says what to run by hand when no way works. */
export async function ensureNatsServer(options: EnsureOptions): Promise<NatsBinary> {
  const found = await findNatsServer(options);
  if (found) return found;
  const failures: string[] = [];
  for (const [from, install] of [
    ["Debian packages", installFromDebian],
    ["nats-server release", installFromRelease],
  ] as const) {
    try {
      await mkdir(options.directory, { recursive: true });
      const path = join(options.directory, "nats-server");
      if (!(await install(path, options))) continue;
      const version = await versionOf(path);
      if (version) return { path, version, from };
      failures.push(`${from}: the installed binary does not run`);
    } catch (error) {
      failures.push(`${from}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  }
  throw new Error(cannotInstall(failures));
}

/** Looks only; installs nothing. */
export async function findNatsServer(
  options: Pick<EnsureOptions, "directory" | "env">,
): Promise<NatsBinary | undefined> {
  const named = options.env["BERTH_NATS_SERVER"];
  const candidates: { path: string; from: NatsBinary["from"] }[] = [
    ...(named ? [{ path: named, from: "BERTH_NATS_SERVER" as const }] : []),
    { path: join(options.directory, "nats-server"), from: "project" },
    ...(options.env["PATH"] ?? "")
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => ({ path: join(folder, "nats-server"), from: "PATH" as const })),
  ];
  for (const candidate of candidates) {
    const version = await versionOf(candidate.path);
    if (version) return { ...candidate, version };
  }
  return undefined;
}

/** Version of a binary that runs and is new enough. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["--version"], { timeout: 5000 });
    const version = parseServerVersion(stdout);
    return version && isSupportedServer(version) ? version.join(".") : undefined;
  } catch {
    return undefined;
  }
}

async function installFromDebian(path: string, { report }: EnsureOptions): Promise<boolean> {
  const installed = await withDebianArchive(
    [{ type: "deb", suite: debianSuite }],
    async ({ apt, folder }) => {
      report(`installing nats-server from Debian's ${debianSuite} packages`);
      await apt("download", "nats-server");
      const deb = (await readdir(folder)).find((name) => name.endsWith(".deb"));
      if (!deb) throw new Error("apt-get downloaded no package");
      await run("dpkg", ["-x", join(folder, deb), join(folder, "root")], { timeout: installTimeoutMs });
      await copyFile(join(folder, "root", "usr", "sbin", "nats-server"), path);
      await chmod(path, 0o755);
      return true;
    },
  );
  return installed ?? false;
}

async function installFromRelease(path: string, { report }: EnsureOptions): Promise<boolean> {
  const arch = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];
  if (!arch || !["linux", "darwin"].includes(process.platform)) return false;
  const name = `nats-server-v${releaseVersion}-${process.platform}-${arch}.tar.gz`;
  const base = `https://github.com/nats-io/nats-server/releases/download/v${releaseVersion}`;
  report(`downloading ${name} from nats-server's release`);
  const sums = new TextDecoder().decode(await download(`${base}/SHA256SUMS`));
  const expected = sums
    .split("\n")
    .find((line) => line.endsWith(` ${name}`))
    ?.split(/\s+/)[0];
  if (!expected) throw new Error(`SHA256SUMS of release ${releaseVersion} does not list ${name}`);
  const archive = await download(`${base}/${name}`);
  const actual = createHash("sha256").update(archive).digest("hex");
  if (actual !== expected) throw new Error(`checksum of ${name} is ${actual}, published is ${expected}`);
  await writeFile(path, await fileFromTar(gunzipSync(archive), "nats-server"), { mode: 0o755 });
  return true;
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(installTimeoutMs) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Content of the one file with this base name in a tar. */
export async function fileFromTar(tar: Uint8Array, baseName: string): Promise<Uint8Array> {
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (entry.header.type === "file" && entry.header.name.split("/").at(-1) === baseName) {
      return Buffer.concat(chunks);
    }
  }
  throw new Error(`the archive holds no ${baseName}`);
}

const cannotInstall = (failures: readonly string[]): string =>
  [
    `No nats-server ${oldestNatsServer.join(".")} or later was found on PATH, and none could be installed:`,
    ...failures.map((line) => `  - ${line}`),
    "Install one by hand, then try again:",
    "  macOS:            brew install nats-server",
    "  Go:               go install github.com/nats-io/nats-server/v2@latest",
    "  any:              https://github.com/nats-io/nats-server/releases",
    "or name a binary: BERTH_NATS_SERVER=/path/to/nats-server npm start",
  ].join("\n");
