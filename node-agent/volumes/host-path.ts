// hostPath: a file or directory of the host, checked against the type that the pod names.
// Source: Kubernetes "Volumes: hostPath volume types".

import { mkdir, open, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { assertNever, failure, type Result, success, type Volume } from "../../protocol/mod.ts";

type HostPath = NonNullable<Volume["hostPath"]>;
type Found = Awaited<ReturnType<typeof stat>> | undefined;

export async function checkHostPath({ path, type = "" }: HostPath): Promise<Result<string>> {
  if (!isAbsolute(path)) return failure("Invalid", `hostPath ${path} must be absolute`);
  if (path.split("/").includes("..")) return failure("Invalid", `hostPath ${path} must not contain ".."`);
  const found: Found = await stat(path).catch(() => undefined);
  const wrong = (what: string): Result<string> =>
    failure("Invalid", `hostPath type check failed: ${path} is not ${what}`);
  const check = (right: boolean | undefined, what: string): Result<string> =>
    right ? success(path) : wrong(what);
  try {
    switch (type) {
      case "":
        return success(path);
      case "Directory":
        return check(found?.isDirectory(), "a directory");
      case "DirectoryOrCreate":
        if (!found) await mkdir(path, { recursive: true, mode: 0o755 });
        return check(!found || found.isDirectory(), "a directory");
      case "File":
        return check(found?.isFile(), "a file");
      case "FileOrCreate":
        if (!found) await (await open(path, "a", 0o644)).close();
        return check(!found || found.isFile(), "a file");
      case "Socket":
        return check(found?.isSocket(), "a socket file");
      case "CharDevice":
        return check(found?.isCharacterDevice(), "a character device");
      case "BlockDevice":
        return check(found?.isBlockDevice(), "a block device");
      default:
        return assertNever(type, "hostPath type");
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure("Invalid", `hostPath ${path} could not be made: ${message}`);
  }
}
