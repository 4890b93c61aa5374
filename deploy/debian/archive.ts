// Debian's archive through apt, with a source list, package lists and a cache in a folder of its own: the system's apt is
// left as it was, and root is not needed. Which archive that is the system says.

import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const run = promisify(execFile);

const timeoutMs = 120_000;
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const aptHelper = "/usr/lib/apt/apt-helper";

export interface DebianSuite {
  /** Of binary packages or of source packages. */
  readonly type: "deb" | "deb-src";
  readonly suite: string;
}

export interface DebianArchive {
  /** Where `download` and `source` put their files; it goes when the work is done. */
  readonly folder: string;
  /** Runs `apt-get` on these suites alone. Throws where apt does. */
  apt(...args: readonly string[]): Promise<void>;
}

/** Works on up-to-date lists of these suites. Undefined, and `work` not called, where the system is no Debian. */
export async function withDebianArchive<T>(
  suites: readonly DebianSuite[],
  work: (archive: DebianArchive) => Promise<T>,
): Promise<T | undefined> {
  const uri = await debianUri();
  if (!uri) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "berth-debian-"));
  try {
    const sources = suites.map(({ type, suite }) => `${type} [signed-by=${keyring}] ${uri} ${suite} main\n`);
    await mkdir(join(folder, "lists", "partial"), { recursive: true });
    await writeFile(join(folder, "sources.list"), sources.join(""));
    const options = [
      ["-qq", "-o", `Dir::Etc::sourcelist=${join(folder, "sources.list")}`],
      ["-o", "Dir::Etc::sourceparts=-", "-o", `Dir::State::Lists=${join(folder, "lists")}`],
      ["-o", `Dir::Cache=${folder}`, "-o", "APT::Sandbox::User="],
    ].flat();
    const apt = async (...args: readonly string[]): Promise<void> => {
      await run("apt-get", [...options, ...args], { cwd: folder, timeout: timeoutMs }).catch(
        (error: unknown) => {
          throw new Error(`apt-get ${args.join(" ")} failed: ${whatAptSaid(error)}`, { cause: error });
        },
      );
    };
    await apt("update");
    return await work({ folder, apt });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its own errors; the command line with all its options would hide them. */
function whatAptSaid(error: unknown): string {
  const text = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const errors = text.split("\n").filter((line) => line.startsWith("E: "));
  return errors.length > 0
    ? errors.map((line) => line.slice(3)).join(" ")
    : (String(error).split("\n", 1)[0] ?? "");
}

/** Content of a compressed file, by whatever Debian compresses with: apt knows them all. */
export function decompressed(path: string): Readable {
  const child = spawn(aptHelper, ["cat-file", path], { stdio: ["ignore", "pipe", "ignore"] });
  child.once("error", (error) => child.stdout.destroy(error));
  return child.stdout;
}

/** The archive that this system already uses; undefined where it is no Debian. */
async function debianUri(): Promise<string | undefined> {
  const sources: string[] = [];
  for (const file of ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"]) {
    sources.push(await readFile(file, "utf8").catch(() => ""));
  }
  const text = sources.join("\n");
  return (/^URIs:\s*(\S+)/m.exec(text) ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(text))?.[1];
}
