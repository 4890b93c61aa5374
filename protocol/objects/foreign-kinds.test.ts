import { expect, test } from "vitest";
import { whyLeftOut } from "./foreign-kinds.ts";
import { kinds } from "./kinds.ts";

test.each([
  ["networking.k8s.io/v1", "Ingress", "Berth has no Ingress: services are reached at their cluster IPs"],
  ["networking.k8s.io/v1beta1", "Ingress", "Berth has no Ingress"],
  ["networking.k8s.io/v1", "NetworkPolicy", "traffic between pods is not filtered"],
  ["v1", "ServiceAccount", "pods get no credentials"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "users' rights are permissions of NATS"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition", "left out, too"],
  ["coordination.k8s.io/v1", "Lease", "Berth has no Lease"],
])("%s %s is left out: %s", (apiVersion, kind, words) => {
  expect(whyLeftOut(apiVersion, kind)).toContain(words);
});

test.each([
  ["v1", "Foo"],
  // Of another group than Kubernetes has it in.
  ["example.org/v1", "Ingress"],
  ["monitoring.coreos.com/v1", "ServiceMonitor"],
])("%s %s is unknown", (apiVersion, kind) => {
  expect(whyLeftOut(apiVersion, kind)).toBeUndefined();
});

test.each(kinds.map(({ kind, group, version }) => [kind, group ? `${group}/${version}` : version]))(
  "%s is ours",
  (kind, apiVersion) => {
    expect(whyLeftOut(apiVersion, kind)).toBeUndefined();
  },
);
