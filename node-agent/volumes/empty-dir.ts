// emptyDir: a directory that every user in the pod may write, or a tmpfs where `medium: Memory` and the agent may mount.

import { chmod, mkdir } from "node:fs/promises";
import { failure, parseBytes, type Result, success, type Volume } from "../../protocol/mod.ts";
import { canMount, mountTmpfs } from "./mounts.ts";

type EmptyDir = NonNullable<Volume["emptyDir"]>;
const worldWritable = 0o777;

export async function prepareEmptyDir(volume: EmptyDir, path: string): Promise<Result<string>> {
  let sizeBytes: number | undefined;
  if (volume.sizeLimit !== undefined) {
    const size = parseBytes(volume.sizeLimit);
    if (!size.ok) return size;
    sizeBytes = size.value;
  }
  try {
    await mkdir(path, { recursive: true });
    // The umask takes bits away from mkdir's mode, not from chmod's. Kubernetes does the same.
    await chmod(path, worldWritable);
    if (volume.medium === "Memory" && canMount()) await mountTmpfs(path, sizeBytes);
    return success(path);
  } catch (error) {
    return failure(
      "Internal",
      `emptyDir could not be made: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
