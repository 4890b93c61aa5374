// Claims' data as directories of this node: `<data folder>/claims/<volume>`. They survive pods, agents and reboots.

import { chmod, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failure, isDnsSubdomain, type Result, success } from "../../protocol/mod.ts";

/** As emptyDir: users of all pods' containers may write. Kubernetes' local path provisioner does the same. */
const everyoneWrites = 0o777;
/** What is being deleted is out of the way first, so that a half deleted directory is never taken for a volume. */
const deletingPrefix = ".deleting-";

export interface ClaimDirectories {
  prepare(handle: string, begun: boolean): Promise<Result<{ readonly hostPath: string }>>;
  remove(handle: string): Promise<Result<void>>;
}

export function claimDirectories(directory: string): ClaimDirectories {
  const root = join(directory, "claims");
  const checked = (handle: string): Result<string> =>
    isDnsSubdomain(handle)
      ? success(join(root, handle))
      : failure("Invalid", `volume handle ${JSON.stringify(handle)} is no DNS subdomain`);
  return {
    async prepare(handle, begun) {
      const path = checked(handle);
      if (!path.ok) return path;
      try {
        const found = await lstat(path.value).catch(missing);
        if (found && !found.isDirectory()) {
          return failure("Invalid", `${path.value} should be the directory of volume ${handle}, and is none`);
        }
        if (found) return success({ hostPath: path.value });
        if (begun) {
          return failure(
            "NotFound",
            `the data of volume ${handle} is not on this node any more: ${path.value} is gone; put it back, or delete the claim`,
          );
        }
        await mkdir(path.value, { recursive: true });
        // The umask takes bits away from mkdir's mode, not from chmod's.
        await chmod(path.value, everyoneWrites);
        await persist(root);
        return success({ hostPath: path.value });
      } catch (error) {
        return failure("Internal", `directory ${path.value} could not be made: ${messageOf(error)}`);
      }
    },
    async remove(handle) {
      const path = checked(handle);
      if (!path.ok) return path;
      const deleting = join(root, deletingPrefix + handle);
      try {
        // A link is not followed: what it leads to is not this volume's.
        if (await lstat(path.value).catch(missing)) {
          await rm(deleting, { recursive: true, force: true });
          await rename(path.value, deleting);
          await persist(root);
        }
        await rm(deleting, { recursive: true, force: true });
        return success(undefined);
      } catch (error) {
        return failure("Internal", `directory ${path.value} could not be deleted: ${messageOf(error)}`);
      }
    },
  };
}

function missing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

/** A directory that was made must be there after a power failure: the next start would miss its data. */
async function persist(directory: string): Promise<void> {
  for (const path of [directory, dirname(directory)]) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
