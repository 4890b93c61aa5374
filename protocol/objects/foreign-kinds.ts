// Kinds that Kubernetes has and Berth has not. Manifests are written with them, and what they ask for beside their
// workloads must not keep these from running; but nothing is taken that nobody acts upon.

import { kinds } from "./kinds.ts";
import { kubernetesKinds } from "./kubernetes-kinds.generated.ts";

const noIngress = "services are reached at their cluster IPs, or through a proxy that runs as a workload";
const noAccounts = "pods get no credentials of the cluster, and users' rights are permissions of NATS";

/** What there is instead, by group and kind, or by group. */
const instead: Readonly<Record<string, string>> = {
  "/ServiceAccount": noAccounts,
  "/LimitRange": "requests and limits are those of the pods themselves",
  "/ResourceQuota": "namespaces have no quotas",
  "/PodTemplate": "templates stand in the workloads themselves",
  "rbac.authorization.k8s.io": noAccounts,
  "networking.k8s.io/NetworkPolicy": "traffic between pods is not filtered",
  "networking.k8s.io/Ingress": noIngress,
  "networking.k8s.io/IngressClass": noIngress,
  "extensions/Ingress": noIngress,
  "apiextensions.k8s.io": "objects of kinds that are defined so are left out, too",
  "admissionregistration.k8s.io": "no webhooks are asked",
  "apiregistration.k8s.io": "the API has no extensions",
};

const groupOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";

/** Why an object of this kind is left out; undefined for kinds of ours, and for those that Kubernetes has not either. */
export function whyLeftOut(apiVersion: string, kind: string): string | undefined {
  if (kinds.some((info) => info.kind === kind)) return undefined;
  const group = groupOf(apiVersion);
  const name = `${group}/${kind}`;
  if (!kubernetesKinds.has(name)) return undefined;
  const more = instead[name] ?? instead[group];
  return `Berth has no ${kind}${more === undefined ? "" : `: ${more}`}`;
}
