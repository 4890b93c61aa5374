// What applying an application comes to, in a form that can be compared: warnings without places, and which of its
// workloads are not ready.

import type { BerthClient } from "../../client/mod.ts";
import type { Ran } from "../support/run-program.ts";

export interface Outcome {
  readonly code: number | null;
  /** Lines that are neither warnings nor empty. */
  readonly errors: readonly string[];
  /** How often each kind was left out. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** How often each other warning was given, without the object's name. */
  readonly warnings: Readonly<Record<string, number>>;
}

export function outcomeOf({ code, err }: Ran): Outcome {
  const lines = err.split("\n").filter((line) => line !== "");
  const leftOut: Record<string, number> = {};
  const warnings: Record<string, number> = {};
  const errors: string[] = [];
  for (const line of lines) {
    const text = /^Warning: (.*)$/.exec(line)?.[1];
    const kind = / is left out \(/.test(line) ? text?.split(" ")[0] : undefined;
    if (text === undefined) errors.push(line);
    else if (kind !== undefined) leftOut[kind] = (leftOut[kind] ?? 0) + 1;
    else warnings[text] = (warnings[text] ?? 0) + 1;
  }
  return { code, errors, leftOut, warnings };
}

/** Workloads that are not as wanted, `Kind namespace/name`, in order. */
export async function unready(
  client: BerthClient,
  namespaces: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(namespaces.map((namespace) => unreadyIn(client, namespace)));
  return found.flat().toSorted();
}

async function unreadyIn(client: BerthClient, namespace: string): Promise<readonly string[]> {
  const where = { namespace };
  const [deployments, sets, daemons, jobs, controllers, pods] = await Promise.all([
    client.list("Deployment", where),
    client.list("StatefulSet", where),
    client.list("DaemonSet", where),
    client.list("Job", where),
    client.list("ReplicationController", where),
    client.list("Pod", where),
  ]);
  const names = (kind: string, objects: readonly { readonly metadata?: { readonly name?: string } }[]) =>
    objects.map(({ metadata }) => `${kind} ${namespace}/${metadata?.name ?? ""}`);
  const alone = pods.filter(({ metadata }) => (metadata?.ownerReferences ?? []).length === 0);
  const short = ({ spec, status }: { spec?: { replicas?: number }; status?: { readyReplicas?: number } }) =>
    (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1);
  return [
    ...names("Deployment", deployments.filter(short)),
    ...names("StatefulSet", sets.filter(short)),
    ...names("ReplicationController", controllers.filter(short)),
    ...names(
      "DaemonSet",
      daemons.filter(({ status }) => {
        const { observedGeneration, numberReady = 0, desiredNumberScheduled = 0 } = status ?? {};
        return observedGeneration === undefined || numberReady < desiredNumberScheduled;
      }),
    ),
    ...names(
      "Job",
      jobs.filter(({ spec, status }) => (status?.succeeded ?? 0) < (spec?.completions ?? 1)),
    ),
    ...names(
      "Pod",
      alone.filter(
        ({ status }) =>
          !status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
      ),
    ),
  ];
}
