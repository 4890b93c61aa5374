// The version of this Berth, from its package.json.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

function readVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const content = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (content.name === "berth" && content.version) return content.version;
    } catch {
      // Not in this folder: look one up.
    }
  }
  return "0.0.0";
}

export const version = readVersion();
