// A pod's host name and domain, as its containers see them. Pure.
// Source: Kubernetes "DNS for Services and Pods": hostname, subdomain, setHostnameAsFQDN.

import type { Pod } from "../../protocol/mod.ts";

/** Linux's limits of a host name, and of one that is a full name. */
const maxHostname = 63;
const maxFullHostname = 64;
const defaultDomain = "cluster.local";

export interface PodHostname {
  readonly hostname: string;
  /** Only for pods with a subdomain. */
  readonly domain?: string;
}

export function podHostname({ metadata, spec }: Pod, clusterDomain = defaultDomain): PodHostname {
  const { name = "", namespace = "default" } = metadata ?? {};
  const hostname = (spec?.hostname || name).slice(0, maxHostname).replace(/[-.]+$/, "");
  if (!spec?.subdomain) return { hostname };
  const domain = `${spec.subdomain}.${namespace}.svc.${clusterDomain}`;
  const full = `${hostname}.${domain}`;
  if (spec.setHostnameAsFQDN !== true) return { hostname, domain };
  if (full.length > maxFullHostname) {
    throw new Error(
      `the full name ${full} has ${full.length} characters, a host name may have ${maxFullHostname}: ` +
        "shorten it, or take setHostnameAsFQDN away",
    );
  }
  return { hostname: full };
}
