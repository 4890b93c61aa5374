// Whether the user that a container would run as is another than root, when its pod asks for that and names none. Pure.

import type { ContainerSpec } from "./runtime.ts";
import { RuntimeError } from "./runtime.ts";

/**
 * `user` as images have it: `name`, `uid`, `uid:gid`, or nothing for root. Throws CreateContainerConfigError for root, and
 * for a name: which number it stands for is known only inside the image (k8s.io/kubernetes/pkg/kubelet/kuberuntime,
 * verifyRunAsNonRoot).
 */
export function checkNonRoot(spec: ContainerSpec, user: string): void {
  if (spec.security?.nonRoot !== true) return;
  const [name = ""] = user.split(":");
  if (name === "" || name === "root" || Number(name) === 0) {
    throw refused(spec, `${spec.image || "it"} runs as root`);
  }
  if (!/^\d+$/.test(name)) {
    throw refused(
      spec,
      `${spec.image} names its user ${JSON.stringify(name)}: only a number shows that it is not root`,
    );
  }
}

const refused = ({ name }: ContainerSpec, why: string): RuntimeError =>
  new RuntimeError(
    "CreateContainerConfigError",
    `container ${name} must not run as root (runAsNonRoot), but ${why}; set runAsUser`,
  );
