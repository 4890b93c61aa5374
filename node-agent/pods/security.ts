// What a container may do, from its own settings and its pod's. Pure.

import { type Container, failure, type Pod, type Result, success } from "../../protocol/mod.ts";
import type { ContainerSpec } from "../runtime/runtime.ts";

export function containerSecurity(container: Container, pod: Pod): Result<ContainerSpec["security"]> {
  const own = container.securityContext;
  const shared = pod.spec?.securityContext;
  const user = own?.runAsUser ?? shared?.runAsUser;
  const group = own?.runAsGroup ?? shared?.runAsGroup;
  const nonRoot = (own?.runAsNonRoot ?? shared?.runAsNonRoot) === true;
  if (nonRoot && user === 0) {
    const message = `container ${container.name} must not run as root (runAsNonRoot), but runAsUser is 0`;
    return failure("Invalid", message);
  }
  const { privileged, readOnlyRootFilesystem, capabilities, allowPrivilegeEscalation } = own ?? {};
  const groups = [
    ...(shared?.supplementalGroups ?? []),
    ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup]),
  ];
  const security = {
    ...(user !== undefined && { user }),
    ...(nonRoot && user === undefined && { nonRoot }),
    ...(group !== undefined && { group }),
    ...(privileged !== undefined && { privileged }),
    ...(readOnlyRootFilesystem !== undefined && { readOnlyRootFilesystem }),
    ...(capabilities?.add && { capabilitiesAdd: capabilities.add }),
    ...(capabilities?.drop && { capabilitiesDrop: capabilities.drop }),
    ...(groups.length > 0 && { supplementalGroups: groups }),
    ...(allowPrivilegeEscalation === false && { noNewPrivileges: true }),
    ...((own?.seccompProfile ?? shared?.seccompProfile)?.type === "Unconfined" && { unconfined: true }),
    ...(own?.procMount === "Unmasked" && { unmaskedProc: true }),
  };
  return success(Object.keys(security).length > 0 ? security : undefined);
}
