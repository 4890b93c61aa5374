// The file with the keys that secrets are sealed with: one a line, `#` begins a remark. Only its owner may read it.

import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { BerthError } from "../../protocol/mod.ts";

const keyBytes = 32;
const othersMayRead = 0o077;

/** Throws BerthError Invalid when it can't be read, holds no key, or others may read it. */
export function readSecretKeys(file: string): readonly string[] {
  const invalid = (message: string): BerthError =>
    new BerthError({ code: "Invalid", message: `secret key file ${file} ${message}` });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw invalid(`can't be read: ${String(error)}`);
  }
  if (process.platform !== "win32" && (statSync(file).mode & othersMayRead) !== 0) {
    throw invalid("may be read by others than its owner: chmod 600 it");
  }
  const keys = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const found = keys.filter(Boolean);
  if (found.length === 0) throw invalid(`holds no key; make one with: openssl rand -base64 ${keyBytes}`);
  return found;
}

/** Makes a file with a new key where there is none. */
export function ensureSecretKey(file: string): void {
  try {
    writeFileSync(file, `${randomBytes(keyBytes).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
