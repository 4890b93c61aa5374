// The version of this Berth, from its package.json: of the clone, or of the package that is installed.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const packageFile = z.object({ name: z.literal("berth"), version: z.string() });

export function readVersion(from: string = import.meta.dirname): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const read = packageFile.safeParse(parseFile(join(folder, "package.json")));
    if (read.success) return read.data.version;
  }
  return "unknown";
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Not in this folder: one looks further up.
    return undefined;
  }
}
