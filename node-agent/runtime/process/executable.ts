// Finds the program that a command names, the way exec does, to say before the start what can't be started.

import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Path of the program; undefined when there is none or it may not be executed. */
export function findExecutable(name: string, searchPath: string, cwd: string): string | undefined {
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : searchPath.split(":").map((directory) => join(resolve(cwd, directory), name));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
