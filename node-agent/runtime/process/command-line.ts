// Turns a container's spec into what a host process needs: words, environment, working directory, links for mounts.
// Pure. The rules for paths stand here, because a host process sees the host's file system and no image.

import { dirname, join, posix } from "node:path";
import { type ContainerSpec, type Mount, RuntimeError } from "../runtime.ts";

export interface CommandPlace {
  /** Absolute path that stands in for the container's root directory: `$BERTH_ROOT`. */
  readonly root: string;
  readonly hostname: string;
  /** Value of BERTH_CONTAINER. */
  readonly marker: string;
  /** The Node that runs the agent: an image-less `command: [node, ...]` runs on it. */
  readonly nodePath: string;
}

export interface CommandPlan {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Symbolic links below the root, parents first, that show the mounts at their paths. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * - The command is `command` and `args`; with neither there is nothing to run: CreateContainerConfigError.
 * - A mount's containerPath is replaced by its host path wherever it stands as a whole path (or as the start of one)
 *   in words and values of the environment, so `sh -c 'date > /data/now'` writes into the volume.
 * - The working directory is the root, or `$BERTH_ROOT/<workingDirectory>`, or the host path of a mount.
 */
export function planCommand(spec: ContainerSpec, place: CommandPlace): CommandPlan {
  const words = [...spec.command, ...spec.args];
  if (words.length === 0) {
    throw new RuntimeError(
      "CreateContainerConfigError",
      `container "${spec.name}" has no command: the process runtime has no images (found "${spec.image}") ` +
        "and needs `command` in the container's spec",
    );
  }
  const mounts = [...spec.mounts].sort((a, b) => b.containerPath.length - a.containerPath.length);
  const rewrite = rewriter(mounts);
  const environment: Record<string, string> = {
    PATH: `${dirname(place.nodePath)}:${systemPath}`,
    HOME: place.root,
    HOSTNAME: place.hostname,
    TMPDIR: join(place.root, "tmp"),
  };
  for (const { name, value } of spec.environment) environment[name] = rewrite(value);
  environment["BERTH_ROOT"] = place.root;
  environment["BERTH_CONTAINER"] = place.marker;
  return {
    argv: withOddNames(words.map(rewrite), environment),
    cwd: workingDirectory(spec, mounts, place.root),
    environment,
    links: mountLinks(mounts, place.root),
  };
}

/** A POSIX shell drops variables whose names are no identifiers (Kubernetes allows dots and dashes): `env` sets them. */
function withOddNames(argv: readonly string[], environment: Record<string, string>): readonly string[] {
  const odd = Object.entries(environment).filter(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return odd.length === 0 ? argv : ["env", ...odd.map(([name, value]) => `${name}=${value}`), ...argv];
}

function rewriter(mounts: readonly Mount[]): (text: string) => string {
  const byPath = new Map(
    mounts
      .map((mount) => [normal(mount.containerPath), mount.hostPath] as const)
      .filter(([path]) => path !== "/"),
  );
  if (byPath.size === 0) return (text) => text;
  const paths = [...byPath.keys()].map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // Before: the start or what separates words in a shell or a list. After: the end, a slash or a separator.
  const pattern = new RegExp(`(^|[\\s'"\`=:,;(<>|&])(${paths.join("|")})(?=$|[/\\s'"\`:,;)<>|&])`, "g");
  return (text) =>
    text.replace(pattern, (_, before: string, path: string) => `${before}${byPath.get(path) ?? path}`);
}

function workingDirectory(spec: ContainerSpec, mounts: readonly Mount[], root: string): string {
  if (spec.workingDirectory === undefined || spec.workingDirectory === "") return root;
  const path = normal(posix.join("/", spec.workingDirectory));
  for (const mount of mounts) {
    const at = normal(mount.containerPath);
    if (path === at) return mount.hostPath;
    if (at !== "/" && path.startsWith(`${at}/`)) return join(mount.hostPath, path.slice(at.length));
  }
  return join(root, path);
}

/** A mount below another mount gets no link: it would have to be made inside the volume. */
function mountLinks(mounts: readonly Mount[], root: string): CommandPlan["links"] {
  const shortestFirst = [...mounts].reverse().map((mount) => ({ ...mount, at: normal(mount.containerPath) }));
  const linked: string[] = [];
  const links: { path: string; target: string }[] = [];
  for (const { at, hostPath } of shortestFirst) {
    if (at === "/" || linked.some((path) => at === path || at.startsWith(`${path}/`))) continue;
    linked.push(at);
    links.push({ path: join(root, at), target: hostPath });
  }
  return links;
}

/** Absolute, without `..`, without a slash at the end. */
function normal(path: string): string {
  const clean = posix.normalize(posix.join("/", path));
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}
