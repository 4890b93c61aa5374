// Makes the data of a pod's claims ready on its node, by the names of its volumes.

import { BerthError, type AssignedVolume } from "../../protocol/mod.ts";
import type { PreparedClaim } from "../volumes/claim-volumes.ts";
import type { GroupShare } from "../volumes/group-share.ts";
import { isClaimVolume } from "../volumes/pod-volumes.ts";
import type { ExecutionContext } from "./execution-context.ts";

/** Rejects with the volume's name and what is the matter with it. */
export async function prepareClaims({
  host,
  state,
  claims,
}: ExecutionContext): Promise<ReadonlyMap<string, PreparedClaim>> {
  const { volumes = [], securityContext } = state.pod.spec ?? {};
  const { fsGroup, fsGroupChangePolicy } = securityContext ?? {};
  const onRootMismatch = fsGroupChangePolicy === "OnRootMismatch";
  const group = fsGroup === undefined ? undefined : { group: fsGroup, onRootMismatch };
  const prepared = new Map<string, PreparedClaim>();
  for (const { name } of volumes.filter(isClaimVolume)) {
    const assigned = claims.find((claim) => claim.name === name);
    prepared.set(name, await prepareClaim(host, name, { assigned, group }));
  }
  return prepared;
}

async function prepareClaim(
  { claims }: ExecutionContext["host"],
  name: string,
  {
    assigned,
    group,
  }: { readonly assigned: AssignedVolume | undefined; readonly group: GroupShare | undefined },
): Promise<PreparedClaim> {
  if (!assigned) {
    throw new BerthError({
      code: "NotFound",
      message: `volume ${name}: its claim has no volume that a node can give`,
    });
  }
  // A volume that is only read keeps its group.
  const result = await claims.prepare(assigned.source, assigned.readOnly ? undefined : group);
  if (result.ok) return result.value;
  throw new BerthError({ ...result.error, message: `volume ${name}: ${result.error.message}` });
}
