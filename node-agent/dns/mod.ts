// The door of the cluster's DNS.
export { type ClusterDns, type ClusterDnsOptions, createClusterDns } from "./cluster-dns.ts";
export type { ServiceSource } from "./service-names.ts";
