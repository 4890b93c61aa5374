// Images for tests, made from what this machine has: no registry is asked. Imported once per engine.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import type Dockerode from "dockerode";
import { type Pack, pack } from "tar-stream";
import { findNatsServer } from "./nats-server.ts";

const busyboxPaths = ["/bin/busybox", "/usr/bin/busybox"];

/** A root with busybox (static) and all of its commands. Answers the image's reference. */
export async function importBusybox(docker: Dockerode): Promise<string> {
  const busybox = findBusybox();
  const reference = `berth-test/busybox:${fingerprint([busybox])}`;
  await importOnce(docker, reference, ['CMD ["sh"]'], (archive) => addBusybox(archive, busybox));
  return reference;
}

/**
 * A root with this Node, the libraries that it loads, and busybox for `/bin/sh`. `tag` is the whole reference, for
 * example "node:24-alpine", so that manifests written for the public image run.
 */
export async function importNode(docker: Dockerode, tag = "berth-test/node:24"): Promise<string> {
  const busybox = findBusybox();
  await importOnce(
    docker,
    tag,
    ['CMD ["node"]', "ENV NODE_VERSION=" + process.versions.node],
    async (archive) => {
      await addBusybox(archive, busybox);
      await addNode(archive);
    },
  );
  return tag;
}

export interface StandIn {
  /** References of the images that it replaces. */
  readonly names: readonly string[];
  /** What their containers run: a path, or a name that is looked up. */
  readonly programs: readonly string[];
  readonly ports: readonly number[];
}

/** Replaces images by one whose only program, under any of these names, answers HTTP requests to all of these ports. */
export async function importStandIn(docker: Dockerode, { names, programs, ports }: StandIn): Promise<void> {
  const busybox = findBusybox();
  const reference = "berth-test/stand-in:latest";
  const changes = [`ENTRYPOINT ["${standInPath}"]`, `ENV STAND_IN_PORTS=${[...new Set(ports)].join(",")}`];
  await importOnce(docker, reference, changes, async (archive) => {
    await addBusybox(archive, busybox);
    await addNode(archive);
    archive.entry({ name: standInPath.slice(1), mode: 0o755 }, standInProgram);
    for (const program of new Set(programs)) {
      const name = program.startsWith("/") ? program.slice(1) : `usr/local/bin/${program}`;
      archive.entry({ name, type: "symlink", linkname: standInPath });
    }
  });
  for (const name of new Set(names)) {
    const [repo = name, tag = "latest"] = name.split(/:(?!.*\/)/);
    await docker.getImage(reference).tag({ repo, tag });
  }
}
const standInPath = "/usr/local/bin/stand-in";
/** Containers of one pod share their ports: who comes second serves none, and lives on. */
const standInProgram = `#!/usr/local/bin/node
const { createServer } = require("node:http");
for (const port of process.env.STAND_IN_PORTS.split(","))
  createServer((_, response) => response.end("stand-in\\n")).on("error", () => undefined).listen(Number(port));
process.on("SIGTERM", () => process.exit(0));
setInterval(() => undefined, 2 ** 30);
`;

/** A root with busybox, this repository's nats-server, the C library that it may need, and a configuration. */
export async function importNatsServer(docker: Dockerode): Promise<string> {
  const busybox = findBusybox();
  const server = findNatsServer();
  const reference = `berth-test/nats:${fingerprint([busybox, server])}`;
  await importOnce(docker, reference, ['CMD ["nats-server"]'], async (archive) => {
    await addBusybox(archive, busybox);
    await addFile(archive, "usr/local/bin/nats-server", server);
    for (const library of ownLibraries()) await addFile(archive, library.slice(1), realpathSync(library));
    archive.entry({ name: "etc/nats-server.conf" }, natsConfiguration);
  });
  return reference;
}
const natsConfiguration = `listen: "0.0.0.0:4222"
max_payload: 8MB
jetstream { store_dir: "/data", sync_interval: always }
`;

function findBusybox(): string {
  const found = busyboxPaths.find((path) => existsSync(path));
  if (!found)
    throw new Error(`tests on Docker need a static busybox (Debian: busybox-static) at ${busyboxPaths[0]}`);
  return found;
}

const fingerprint = (paths: readonly string[]): string => {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
};

async function importOnce(
  docker: Dockerode,
  reference: string,
  changes: readonly string[],
  fill: (archive: Pack) => Promise<void>,
): Promise<void> {
  const present = await docker
    .getImage(reference)
    .inspect()
    .then(() => true)
    .catch(() => false);
  if (present) return;
  const archive = pack();
  const colon = reference.lastIndexOf(":");
  const importing = docker.importImage(Readable.from(archive), {
    repo: reference.slice(0, colon),
    tag: reference.slice(colon + 1),
    changes: [...changes, "ENV PATH=/usr/local/bin:/usr/bin:/bin:/sbin"],
  });
  await fill(archive);
  archive.finalize();
  const progress = await importing;
  progress.resume();
  await finished(progress);
}

async function addBusybox(archive: Pack, busybox: string): Promise<void> {
  for (const name of ["bin", "sbin", "etc", "root", "usr/bin", "proc", "sys", "dev"]) {
    archive.entry({ name, type: "directory", mode: 0o755 });
  }
  archive.entry({ name: "tmp", type: "directory", mode: 0o1777 });
  archive.entry({ name: "etc/passwd" }, "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
  archive.entry({ name: "etc/group" }, "root:x:0:\nnogroup:x:65534:\n");
  await addFile(archive, "bin/busybox", busybox);
  const commands = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n");
  for (const command of commands) {
    if (command === "busybox") continue;
    archive.entry({ name: `bin/${basename(command)}`, type: "symlink", linkname: "busybox" });
  }
}

async function addNode(archive: Pack): Promise<void> {
  await addFile(archive, "usr/local/bin/node", process.execPath);
  for (const library of ownLibraries()) await addFile(archive, library.slice(1), realpathSync(library));
}

async function addFile(archive: Pack, name: string, path: string): Promise<void> {
  const { size } = statSync(path);
  await pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o755 }));
}

/** Shared libraries that this Node has loaded, its loader too; not the kernel's own page. */
function ownLibraries(): readonly string[] {
  const report: unknown = process.report.getReport();
  const found: unknown = typeof report === "object" && report ? Reflect.get(report, "sharedObjects") : [];
  const paths = Array.isArray(found) ? found.map(String) : [];
  return paths.filter((path) => path.startsWith("/") && existsSync(path) && path !== process.execPath);
}
