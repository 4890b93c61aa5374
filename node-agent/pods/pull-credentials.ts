// Credentials for the registry of an image, from the pod's imagePullSecrets. Pure; nothing here quotes a secret.
// Source: Kubernetes "Images: using imagePullSecrets", config.json of the docker command line.

import type { Pod } from "../../protocol/mod.ts";
import type { PodConfigs } from "../configs/config-source.ts";
import type { RegistryCredentials } from "../runtime/runtime.ts";

const defaultRegistry = "docker.io";
/** Names of the same registry that stand in old files. */
const defaultAliases: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Those that fit the image's registry, the closest first. Secrets that are missing or broken give none. */
export function pullCredentials(
  image: string,
  pod: Pod,
  configs: PodConfigs,
): readonly RegistryCredentials[] {
  const { host, path } = imagePlace(image);
  const found: { readonly depth: number; readonly credentials: RegistryCredentials }[] = [];
  for (const { name = "" } of pod.spec?.imagePullSecrets ?? []) {
    const values = configs({ kind: "Secret", name });
    for (const [place, entry] of authEntries(values)) {
      const depth = fit(place, host, path);
      const credentials = depth === undefined ? undefined : credentialsOf(place, entry);
      if (depth !== undefined && credentials) found.push({ depth, credentials });
    }
  }
  return found.toSorted((left, right) => right.depth - left.depth).map(({ credentials }) => credentials);
}

/** `registry:5000/team/app:1` -> host `registry:5000`, path `team/app`. */
export function imagePlace(image: string): { readonly host: string; readonly path: string } {
  const [first = "", ...rest] = image.split("/");
  const hasHost = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  const path = (hasHost ? rest : [first, ...rest])
    .join("/")
    .replace(/@.*$/, "")
    .replace(/:[^/:]*$/, "");
  return { host: hasHost ? first : defaultRegistry, path };
}

interface AuthEntry {
  readonly username?: unknown;
  readonly password?: unknown;
  readonly auth?: unknown;
  readonly identitytoken?: unknown;
}

function authEntries(values: Readonly<Record<string, Uint8Array>> | undefined): [string, AuthEntry][] {
  const config = values?.[".dockerconfigjson"];
  const old = values?.[".dockercfg"];
  const parsed = config ? recordOf(parse(config))["auths"] : old && parse(old);
  return Object.entries(recordOf(parsed)).map(([place, entry]) => [place, recordOf(entry)]);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** How much of the image's place the entry names; undefined when it is another one. `*` stands for one part of a host. */
function fit(place: string, host: string, path: string): number | undefined {
  const [known = "", ...rest] = place
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "")
    .split("/");
  if (!sameHost(known, host)) return undefined;
  const parts = rest.join("/").replace(/^v[12]$/, "");
  if (parts === "") return 0;
  return path === parts || path.startsWith(`${parts}/`) ? parts.split("/").length : undefined;
}

function sameHost(known: string, host: string): boolean {
  if (defaultAliases.has(known)) return defaultAliases.has(host);
  const [pattern, name] = [known.split("."), host.split(".")];
  return pattern.length === name.length && pattern.every((part, index) => fits(part, name[index] ?? ""));
}
const fits = (part: string, name: string): boolean =>
  part === name ||
  (part.includes("*") &&
    new RegExp(
      `^${part
        .split("*")
        .map((text) => text.replaceAll(/[^\w-]/g, "\\$&"))
        .join(".*")}$`,
    ).test(name));

function credentialsOf(
  place: string,
  { username, password, auth, identitytoken }: AuthEntry,
): RegistryCredentials | undefined {
  const server = place;
  if (typeof identitytoken === "string" && identitytoken !== "")
    return { server, identityToken: identitytoken };
  if (typeof username === "string" && typeof password === "string") return { server, username, password };
  if (typeof auth !== "string") return undefined;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { server, username: text.slice(0, colon), password: text.slice(colon + 1) };
}
