// A registry with one image, on loopback, that wants to know who asks: as much of the distribution API as a pull needs.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type Dockerode from "dockerode";
import { extract } from "tar-stream";

export interface TestRegistry {
  /** `127.0.0.1:port/name:1`. */
  readonly image: string;
  readonly server: string;
  /** Pulls that were refused. */
  readonly refusals: () => number;
  close(): Promise<void>;
}

const types = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

/** Serves an image that the engine has, to whoever knows the user and the password. */
export async function startRegistry(
  docker: Dockerode,
  source: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<TestRegistry> {
  const blobs = new Map<string, { readonly type: string; readonly body: Buffer }>();
  const add = (type: string, body: Buffer) => {
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    blobs.set(digest, { type, body });
    return { mediaType: type, size: body.length, digest };
  };
  const saved = await savedFiles(docker, source);
  const [entry] = JSON.parse(String(saved.get("manifest.json"))) as [{ Config: string; Layers: string[] }];
  const fileOf = (name: string): Buffer => saved.get(name) ?? Buffer.alloc(0);
  const config = add(types.config, fileOf(entry.Config));
  const layers = entry.Layers.map((name) => add(types.layer, gzipSync(fileOf(name), { level: 1 })));
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: types.manifest, config, layers }),
  );
  const { digest } = add(types.manifest, manifest);
  blobs.set("1", { type: types.manifest, body: manifest });
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  let refusals = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers.authorization !== wanted) {
      refusals += 1;
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const path = request.url ?? "";
    if (path === "/v2/") return void response.writeHead(200).end("{}");
    const found = blobs.get(path.split("/").at(-1) ?? "");
    if (!found) return void response.writeHead(404).end();
    response.writeHead(200, {
      "content-type": found.type,
      "content-length": found.body.length,
      ...(found.type === types.manifest && { "docker-content-digest": digest }),
    });
    response.end(request.method === "HEAD" ? undefined : found.body);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    image: `127.0.0.1:${port}/private/tool:1`,
    server: `127.0.0.1:${port}`,
    refusals: () => refusals,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function savedFiles(docker: Dockerode, source: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  (await docker.getImage(source).get()).pipe(entries);
  for await (const entry of entries) {
    const parts: Uint8Array[] = [];
    for await (const chunk of entry) parts.push(chunk as Uint8Array);
    files.set(entry.header.name, Buffer.concat(parts));
  }
  return files;
}
