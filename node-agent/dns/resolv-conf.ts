// The resolver settings of a host, and what a pod's are made of by its dnsPolicy and dnsConfig. Pure.
// Source: Kubernetes "DNS for Services and Pods", resolv.conf(5).

import type { Pod } from "../../protocol/mod.ts";

export interface ResolverSettings {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** As the C library reads at most. */
const maxServers = 3;
const maxSearches = 32;
const maxSearchLength = 2048;
/** Names with fewer dots are tried within the cluster first, as Kubernetes has it. */
const clusterOptions = ["ndots:5"];

export function parseResolvConf(text: string): ResolverSettings {
  const servers: string[] = [];
  let searches: string[] = [];
  const options: string[] = [];
  for (const line of text.split("\n")) {
    const [key, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (key === "nameserver" && values[0]) servers.push(values[0]);
    else if (key === "search" || key === "domain") searches = values.filter((value) => value !== ".");
    else if (key === "options") options.push(...values);
  }
  return { servers, searches, options };
}

export interface PodResolverContext {
  /** Of the cluster's server; undefined where there is none: then every pod resolves as its host does. */
  readonly server: string | undefined;
  readonly domain: string;
  readonly host: ResolverSettings;
}

/** Undefined leaves it to the runtime, which gives a pod its host's settings. */
export function podResolver(
  { metadata, spec }: Pod,
  context: PodResolverContext,
): ResolverSettings | undefined {
  const { dnsPolicy = "ClusterFirst", dnsConfig, hostNetwork } = spec ?? {};
  const inCluster =
    dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && hostNetwork !== true);
  const base =
    dnsPolicy === "None"
      ? nothing
      : inCluster && context.server !== undefined
        ? clusterSettings(metadata?.namespace ?? "default", context.server, context)
        : undefined;
  if (!dnsConfig) return base;
  const { servers, searches, options } = base ?? context.host;
  const own = (dnsConfig.options ?? []).map(({ name = "", value }) => (value ? `${name}:${value}` : name));
  return bounded({
    servers: unique([...servers, ...(dnsConfig.nameservers ?? [])]),
    searches: unique([...searches, ...(dnsConfig.searches ?? [])]),
    options: mergedOptions(options, own),
  });
}

const nothing: ResolverSettings = { servers: [], searches: [], options: [] };

const clusterSettings = (
  namespace: string,
  server: string,
  { domain, host }: PodResolverContext,
): ResolverSettings =>
  bounded({
    servers: [server],
    searches: unique([`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches]),
    options: clusterOptions,
  });

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** Options of the same name: the pod's own wins. */
function mergedOptions(before: readonly string[], own: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const option of [...before, ...own]) byName.set(option.split(":")[0] ?? "", option);
  return [...byName.values()];
}

function bounded({ servers, searches, options }: ResolverSettings): ResolverSettings {
  const kept: string[] = [];
  let length = 0;
  for (const search of searches.slice(0, maxSearches)) {
    length += search.length + 1;
    if (length > maxSearchLength) break;
    kept.push(search);
  }
  return { servers: servers.slice(0, maxServers), searches: kept, options };
}
