// The applications whose manifests are applied: name, package and files. All are as their authors wrote them; templates
// that a tool fills in first (`{{ }}`, `__PILLAR__`, `.in`) are no manifests and not among them.

import type { ListedApplication, SourceName } from "./sources.ts";

const addons = "cluster/addons";
const e2e = "test/e2e/testing-manifests";
const docs = "test/fixtures/doc-yaml";
const staging = "staging/src/k8s.io";

export const applications: readonly ListedApplication[] = [
  // Control plane and node add-ons.
  kubernetes("dashboard", `${addons}/dashboard`, "dashboard.yaml"),
  kubernetes("kube-apiserver", `${docs}/admin/high-availability`, "kube-apiserver.yaml"),
  kubernetes("kube-controller-manager", `${docs}/admin/high-availability`, "kube-controller-manager.yaml"),
  kubernetes("kube-scheduler", `${docs}/admin/high-availability`, "kube-scheduler.yaml"),
  kubernetes(
    "kube-aggregator",
    `${staging}/kube-aggregator/artifacts/hostpath-pods`,
    "insecure-etcd-pod.yaml",
  ),
  kubernetes(
    "kube-aggregator-with-etcd",
    `${staging}/kube-aggregator/artifacts/self-contained`,
    "etcd-pod.yaml",
    "etcd-svc.yaml",
    "kubernetes-discover-pod.yaml",
    "kubernetes-discovery-sa.yaml",
    "kubernetes-discovery-svc.yaml",
  ),
  kubernetes(
    "sample-apiserver",
    `${staging}/sample-apiserver/artifacts/example`,
    "apiservice.yaml",
    "auth-delegator.yaml",
    "auth-reader.yaml",
    "deployment.yaml",
    "ns.yaml",
    "rbac-bind.yaml",
    "rbac.yaml",
    "sa.yaml",
    "service.yaml",
  ),
  kubernetes("etcd-version-monitor", "cluster/images/etcd-version-monitor", "etcd-version-monitor.yaml"),
  kubernetes("conformance-tests", "cluster/images/conformance", "conformance-e2e.yaml"),
  kubernetes(
    "node-problem-detector",
    `${addons}/node-problem-detector`,
    "npd.yaml",
    "standalone/npd-binding.yaml",
    "podsecuritypolicies/npd-psp-binding.yaml",
  ),
  kubernetes("node-termination-handler", "cluster/gce/addons/node-termination-handler", "daemonset.yaml"),
  kubernetes("node-exporter", `${docs}/admin`, "daemon.yaml"),
  kubernetes(
    "ip-masq-agent",
    `${addons}/ip-masq-agent`,
    "ip-masq-agent.yaml",
    "podsecuritypolicies/ip-masq-agent-psp-binding.yaml",
  ),
  kubernetes(
    "apparmor-loader",
    "test/images/apparmor-loader",
    "example-configmap.yaml",
    "example-daemon.yaml",
    "example-namespace.yaml",
    "example-pod.yaml",
  ),

  // Devices.
  kubernetes("nvidia-device-plugin", `${addons}/device-plugins/nvidia-gpu`, "daemonset.yaml"),
  kubernetes("nvidia-driver-installer", `${e2e}/scheduling`, "nvidia-driver-installer.yaml"),
  kubernetes("sample-device-plugin", e2e, "sample-device-plugin.yaml"),
  kubernetes(
    "sriov-device-plugin",
    "test/e2e_node/testing-manifests",
    "sriovdp-cm.yaml",
    "sriovdp-ds.yaml",
    "sriovdp-sa.yaml",
  ),

  // Logs.
  kubernetes(
    "elasticsearch",
    `${addons}/fluentd-elasticsearch`,
    "es-service.yaml",
    "es-statefulset.yaml",
    "podsecuritypolicies/es-psp-binding.yaml",
  ),
  kubernetes(
    "fluentd-elasticsearch",
    `${addons}/fluentd-elasticsearch`,
    "fluentd-es-configmap.yaml",
    "fluentd-es-ds.yaml",
  ),
  kubernetes("kibana", `${addons}/fluentd-elasticsearch`, "kibana-deployment.yaml", "kibana-service.yaml"),

  // Network.
  kubernetes(
    "calico-typha",
    `${addons}/calico-policy-controller`,
    "typha-deployment.yaml",
    "typha-service.yaml",
    "typha-horizontal-autoscaler-clusterrole.yaml",
    "typha-horizontal-autoscaler-clusterrolebinding.yaml",
    "typha-horizontal-autoscaler-configmap.yaml",
    "typha-horizontal-autoscaler-deployment.yaml",
    "typha-horizontal-autoscaler-role.yaml",
    "typha-horizontal-autoscaler-rolebinding.yaml",
    "typha-horizontal-autoscaler-serviceaccount.yaml",
    "typha-vertical-autoscaler-clusterrole.yaml",
    "typha-vertical-autoscaler-clusterrolebinding.yaml",
    "typha-vertical-autoscaler-configmap.yaml",
    "typha-vertical-autoscaler-deployment.yaml",
    "typha-vertical-autoscaler-serviceaccount.yaml",
  ),
  kubernetes(
    "calico-node-autoscaler",
    `${addons}/calico-policy-controller`,
    "calico-node-vertical-autoscaler-configmap.yaml",
    "calico-node-vertical-autoscaler-deployment.yaml",
    "calico-cpva-clusterrole.yaml",
    "calico-cpva-clusterrolebinding.yaml",
    "calico-cpva-serviceaccount.yaml",
  ),
  kubernetes(
    "glbc-default-backend",
    `${addons}/cluster-loadbalancing/glbc`,
    "default-svc-controller.yaml",
    "default-svc.yaml",
  ),
  kubernetes("ingress-nginx", `${e2e}/ingress/nginx`, "rc.yaml"),
  kubernetes("echoheaders", `${e2e}/ingress/http`, "rc.yaml", "svc.yaml", "ing.yaml"),
  kubernetes("haproxy", `${e2e}/serviceloadbalancer`, "haproxyrc.yaml"),
  kubernetes("netexec", `${e2e}/serviceloadbalancer`, "netexecrc.yaml", "netexecsvc.yaml"),
  kubernetes("nginx-https", `${e2e}/serviceloadbalancer`, "nginxrc.yaml", "nginxsvc.yaml"),

  // Storage drivers.
  kubernetes(
    "volume-snapshot-controller",
    `${addons}/volumesnapshots`,
    "crd/snapshot.storage.k8s.io_volumesnapshotclasses.yaml",
    "crd/snapshot.storage.k8s.io_volumesnapshotcontents.yaml",
    "crd/snapshot.storage.k8s.io_volumesnapshots.yaml",
    "volume-snapshot-controller/rbac-volume-snapshot-controller.yaml",
    "volume-snapshot-controller/volume-snapshot-controller-deployment.yaml",
  ),
  kubernetes(
    "csi-gce-pd",
    `${e2e}/storage-csi/gce-pd`,
    "controller_ss.yaml",
    "csi-controller-rbac.yaml",
    "node_ds.yaml",
  ),
  kubernetes(
    "csi-hostpath",
    `${e2e}/storage-csi`,
    "external-attacher/rbac.yaml",
    "external-provisioner/rbac.yaml",
    "external-resizer/rbac.yaml",
    "external-snapshotter/rbac.yaml",
    "hostpath/hostpath/csi-hostpath-attacher.yaml",
    "hostpath/hostpath/csi-hostpath-driverinfo.yaml",
    "hostpath/hostpath/csi-hostpath-plugin.yaml",
    "hostpath/hostpath/csi-hostpath-provisioner.yaml",
    "hostpath/hostpath/csi-hostpath-resizer.yaml",
    "hostpath/hostpath/csi-hostpath-snapshotter.yaml",
    "hostpath/hostpath/e2e-test-rbac.yaml",
    "hostpath/usage/csi-storageclass.yaml",
  ),

  // Databases and other sets with state.
  kubernetes(
    "cassandra",
    `${e2e}/statefulset/cassandra`,
    "pdb.yaml",
    "service.yaml",
    "statefulset.yaml",
    "tester.yaml",
  ),
  kubernetes("cassandra-controller", `${e2e}/statefulset/cassandra`, "controller.yaml", "service.yaml"),
  kubernetes("cockroachdb", `${e2e}/statefulset/cockroachdb`, "service.yaml", "statefulset.yaml"),
  kubernetes(
    "etcd-set",
    `${e2e}/statefulset/etcd`,
    "pdb.yaml",
    "service.yaml",
    "statefulset.yaml",
    "tester.yaml",
  ),
  kubernetes("mysql-galera", `${e2e}/statefulset/mysql-galera`, "service.yaml", "statefulset.yaml"),
  kubernetes(
    "mysql-replicated",
    `${e2e}/statefulset/mysql-upgrade`,
    "configmap.yaml",
    "service.yaml",
    "statefulset.yaml",
    "tester.yaml",
  ),
  kubernetes("nginx-set", `${e2e}/statefulset/nginx`, "service.yaml", "statefulset.yaml"),
  kubernetes("redis-sentinel", `${docs}/user-guide`, "multi-pod.yaml"),
  kubernetes("redis-set", `${e2e}/statefulset/redis`, "service.yaml", "statefulset.yaml"),
  kubernetes("zookeeper", `${e2e}/statefulset/zookeeper`, "service.yaml", "statefulset.yaml"),
  of("etcd", "etcd", "hack/kubernetes-deploy", "etcd.yml"),
  of("etcd", "vulcand", "hack/kubernetes-deploy", "vulcand.yml"),
  of("prometheus", "rabbitmq", "documentation/examples/kubernetes-rabbitmq", "rc.yml", "svc.yml"),
  of("kustomize", "mysql", "examples/mySql", "deployment.yaml", "secret.yaml", "service.yaml"),
  {
    ...of("kustomize", "openldap", "examples/ldap/base", "deployment.yaml", "service.yaml"),
    configMaps: { "ldap-configmap": ["examples/ldap/base/env.startup.txt"] },
  },

  // Applications with a face.
  kubernetes(
    "guestbook",
    `${e2e}/guestbook`,
    "frontend-service.yaml",
    "redis-master-service.yaml",
    "redis-slave-service.yaml",
    "legacy/frontend-controller.yaml",
    "legacy/redis-master-controller.yaml",
    "legacy/redis-slave-controller.yaml",
  ),
  kubernetes(
    "guestbook-controllers",
    `${staging}/cli-runtime/artifacts/guestbook`,
    "frontend-controller.yaml",
    "redis-master-controller.yaml",
    "redis-master-service.yaml",
    "redis-slave-controller.yaml",
  ),
  kubernetes("nginx", `${staging}/kubectl/docs/book/examples/nginx`, "nginx.yaml"),
  kubernetes("update-demo", `${staging}/cli-runtime/artifacts`, "kitten-rc.yaml"),
  kubernetes("pi", `${docs}/user-guide`, "job.yaml"),
  of(
    "kustomize",
    "wordpress",
    "examples/wordpress",
    "mysql/deployment.yaml",
    "mysql/secret.yaml",
    "mysql/service.yaml",
    "wordpress/deployment.yaml",
    "wordpress/service.yaml",
  ),
  {
    ...of("kustomize", "spring-boot", "examples/springboot/base", "deployment.yaml", "service.yaml"),
    configMaps: { "demo-configmap": ["examples/springboot/base/application.properties"] },
  },
  of("kustomize", "hello-world", "examples/helloWorld", "configMap.yaml", "deployment.yaml", "service.yaml"),
];

function kubernetes(name: string, folder: string, ...files: readonly string[]): ListedApplication {
  return of("kubernetes", name, folder, ...files);
}

function of(
  source: SourceName,
  name: string,
  folder: string,
  ...files: readonly string[]
): ListedApplication {
  return { name, source, files: files.map((file) => `${folder}/${file}`) };
}
