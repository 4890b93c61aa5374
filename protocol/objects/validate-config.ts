// Rules for config maps and secrets. Values of a secret are never looked at here: they are sealed already.
// Source: k8s.io/kubernetes/pkg/apis/core/validation (ValidateConfigMap, ValidateSecret).

import type { ApiObject, ConfigMap, Secret } from "./object.ts";
import { keyPath, type Report } from "./report.ts";
import { sameValue } from "./same.ts";

/** Of all keys and values together, as Kubernetes bounds them. */
export const maxConfigBytes = 1024 * 1024;
const maxKeyLength = 253;

/** A key becomes a file's name: no path, and neither of the two names that mean folders. */
export const isConfigKey = (key: string): boolean =>
  key.length <= maxKeyLength && /^[-._a-zA-Z0-9]+$/.test(key) && key !== "." && !key.startsWith("..");
export const configKeySyntax = `at most ${maxKeyLength} of A-Z a-z 0-9 - _ . that do not begin with ..`;

/** Standard base64 with its padding; line breaks are allowed, as Kubernetes' decoder allows them. */
export const isBase64 = (text: string): boolean => {
  const bare = text.replace(/[\r\n]/g, "");
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
};

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap, report: Report): void {
  validateKeys(data, "data", report);
  validateKeys(binaryData, "binaryData", report);
  let size = 0;
  for (const [key, value] of Object.entries(data)) size += key.length + Buffer.byteLength(value);
  for (const [key, value] of Object.entries(binaryData)) {
    size += key.length + Buffer.byteLength(value, "base64");
    if (Object.hasOwn(data, key)) {
      report.add(keyPath("binaryData", key), "Duplicate", "the key stands in data, too");
    }
    if (!isBase64(value)) report.add(keyPath("binaryData", key), "Invalid", "must be base64");
  }
  if (size > maxConfigBytes) {
    report.add("data", "TooLong", `has ${size} bytes with its keys, at most ${maxConfigBytes} are taken`);
  }
}

/** Keys that a type asks for. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export function validateSecret({ data = {}, type = "" }: Secret, report: Report): void {
  validateKeys(data, "data", report);
  for (const key of requiredKeys[type] ?? []) {
    if (!Object.hasOwn(data, key)) {
      report.add(keyPath("data", key), "Required", `is required by type ${type}`);
    }
  }
  const login = type === "kubernetes.io/basic-auth";
  if (login && !Object.hasOwn(data, "username") && !Object.hasOwn(data, "password")) {
    report.add("data", "Required", `must have username or password, because the type is ${type}`);
  }
}

function validateKeys(map: Readonly<Record<string, unknown>>, path: string, report: Report): void {
  for (const key of Object.keys(map)) {
    if (!isConfigKey(key)) report.add(keyPath(path, key), "Invalid", `the key must be ${configKeySyntax}`);
  }
}

/** What `immutable: true` forbids. The type of a secret never changes. */
export function validateConfigChange(old: ApiObject, next: ApiObject, report: Report): void {
  if (old.kind === "Secret" && old["type"] !== next["type"]) {
    report.add("type", "Immutable", "can't change; delete the secret and make it again");
  }
  if (old["immutable"] !== true) return;
  if (next["immutable"] !== true) report.add("immutable", "Immutable", "can't be taken back");
  for (const field of ["data", "binaryData"]) {
    if (sameValue(old[field] ?? {}, next[field] ?? {})) continue;
    report.add(field, "Immutable", "can't change, because `immutable` is set; make another object");
  }
}
