// Images: are they here, pulling them, and the built-in pause image.

import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { type ImageInfo, type RegistryCredentials, RuntimeError, type StoredImage } from "../runtime.ts";
import { messageOf, readVersions, statusOf, toRuntimeError } from "./engine.ts";
import { buildPauseImage } from "./pause-image.ts";

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
/** Grammar of the distribution project's reference package: host and port, path, tag, digest. */
const referencePattern = new RegExp(
  `^(?:[A-Za-z0-9.-]+(?::\\d+)?/)?${component}(?:/${component})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?$`,
);

function checkReference(reference: string): void {
  if (referencePattern.test(reference)) return;
  throw new RuntimeError(
    "InvalidImageName",
    `"${reference}" is no image name: [host[:port]/]path[:tag][@digest]`,
  );
}

/** Without a tag the engine would pull every tag there is. */
export function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return name.includes(":") || name.includes("@") ? reference : `${reference}:latest`;
}

export async function findImage(docker: Dockerode, reference: string): Promise<ImageInfo | undefined> {
  checkReference(reference);
  try {
    const info = await docker.getImage(withTag(reference)).inspect();
    return { reference, id: info.Id, sizeBytes: info.Size };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    if (isInvalidName(error)) throw invalidName(reference, error);
    throw toRuntimeError(error, `looking for image ${reference}`, "Unavailable");
  }
}

export async function pullImage(
  docker: Dockerode,
  reference: string,
  credentials?: RegistryCredentials,
): Promise<ImageInfo> {
  checkReference(reference);
  try {
    const progress: NodeJS.ReadableStream = credentials
      ? await docker.pull(withTag(reference), { authconfig: authOf(credentials) })
      : await docker.pull(withTag(reference));
    await finished(docker, progress);
  } catch (error) {
    if (isInvalidName(error)) throw invalidName(reference, error);
    // No answer at all means that the engine is away; any answer is about the image.
    const code =
      error instanceof PullFailure || statusOf(error) !== undefined ? "ErrImagePull" : "Unavailable";
    throw new RuntimeError(code, `pulling image ${reference}: ${messageOf(error)}`, { cause: error });
  }
  const image = await findImage(docker, reference);
  if (image) return image;
  throw new RuntimeError(
    "ErrImagePull",
    `pulling image ${reference}: the engine has it no more after the pull`,
  );
}

/** As the engine's API has it. */
const authOf = ({ server, username, password, identityToken }: RegistryCredentials): object => ({
  serveraddress: server,
  ...(identityToken === undefined ? { username, password } : { identitytoken: identityToken }),
});

const isInvalidName = (error: unknown): boolean =>
  /invalid reference format|must be lowercase|invalid repository name|invalid tag/i.test(messageOf(error));

const invalidName = (reference: string, error: unknown): RuntimeError =>
  new RuntimeError("InvalidImageName", `"${reference}": ${messageOf(error)}`, { cause: error });

class PullFailure extends Error {}

/** Reads a progress stream to its end; an error that the engine reports inside of it is a rejection. */
function finished(docker: Dockerode, progress: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => {
      if (error) reject(new PullFailure(messageOf(error), { cause: error }));
      else resolve();
    });
  });
}

export async function listImages(docker: Dockerode): Promise<readonly StoredImage[]> {
  try {
    const images = await docker.listImages();
    return images.map(({ Id: id, Size: sizeBytes, RepoTags: tags, RepoDigests: digests }) => ({
      id,
      sizeBytes,
      references: [...(tags ?? []), ...(digests ?? [])].filter((name) => !name.includes("<none>")),
    }));
  } catch (error) {
    throw toRuntimeError(error, "listing images", "Unavailable");
  }
}

/** Never by force: the engine knows of every container, also of those that are not ours. */
export async function removeImage(docker: Dockerode, id: string): Promise<boolean> {
  try {
    const { RepoTags: tags, RepoDigests: digests } = await docker.getImage(id).inspect();
    // An image with several names goes with its last one; by its id the engine would refuse.
    for (const name of tags ?? []) await docker.getImage(name).remove();
    if ((tags ?? []).length === 0) await docker.getImage(digests?.[0] ?? id).remove();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return true;
    if (statusOf(error) === 409) return false;
    throw toRuntimeError(error, `removing image ${id}`, "Unavailable");
  }
}

/** Imports the pause image unless it is there. Answers its reference. */
export async function ensurePauseImage(docker: Dockerode): Promise<string> {
  const { architecture } = await readVersions(docker);
  const image = await buildPauseImage(architecture);
  if (await findImage(docker, image.reference)) return image.reference;
  const { repository: repo, tag, changes } = image;
  const progress = await docker.importImage(Readable.from([image.archive]), { repo, tag, changes });
  await finished(docker, progress);
  return image.reference;
}
