// Applications as their authors wrote them for Kubernetes, applied as a user would: what is said about each, that it runs,
// that applying it again changes nothing, and that it goes again.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Application } from "../manifests/application.ts";
import { createNamespace } from "../manifests/create-namespace.ts";
import type { Expected } from "../manifests/expected.ts";
import { outcomeOf } from "../manifests/outcome.ts";
import { unready } from "../manifests/unready.ts";
import { eventually, type TestCluster } from "../support/cluster.ts";
import { runCommand } from "../support/run-cli.ts";

export interface ApplicationScenario {
  readonly cluster: () => TestCluster;
  readonly applications: readonly Application[];
  readonly expectedOf: (name: string) => Expected;
  readonly waitMs: number;
  /** While it runs, in these namespaces. */
  readonly whileReady?: (namespaces: readonly string[]) => Promise<void>;
}

const folder = join(import.meta.dirname, "..", "..", ".berth", "manifests");
/** Where `npm test` puts what it fetches; undefined where it could not. */
export const fetchedFolder = existsSync(folder) ? folder : undefined;

/** Every cluster has them; others somebody makes, or the manifests do. */
const firstNamespaces: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/** One test for each. */
export function testApplications(scenario: ApplicationScenario): void {
  // Those whose manifests name their namespaces would meet in kube-system: they take turns.
  let turn: Promise<unknown> = Promise.resolve();
  test.concurrent.each(scenario.applications)(
    "$name",
    async (application) => {
      if (application.namespaces.length === 0) return applyAndDelete(scenario, application);
      const mine = turn.then(() => applyAndDelete(scenario, application));
      turn = mine.catch(() => undefined);
      return mine;
    },
    4 * scenario.waitMs,
  );
}

async function applyAndDelete(scenario: ApplicationScenario, application: Application): Promise<void> {
  const { waitMs, whileReady } = scenario;
  const { client, url } = scenario.cluster();
  const { name, folder: files, namespaces, configMaps } = application;
  const own = namespaces.length === 0;
  const places = own ? [name] : namespaces;
  const { waiting, ...said } = scenario.expectedOf(name);
  const berth = (...argv: readonly string[]) =>
    runCommand(["-s", url, ...(own ? ["-n", name] : []), ...argv]);
  for (const namespace of places.filter((each) => !firstNamespaces.has(each))) {
    await createNamespace(client, namespace);
  }
  for (const map of configMaps) await berth("create", "configmap", map.name, "--from-file", map.folder);

  expect(outcomeOf(await berth("apply", "-f", files), files)).toEqual(said);
  await eventually(async () => expect(await unready(client, places)).toEqual(waiting), waitMs);
  // What was applied is there as it was written: there is nothing to change.
  const again = await berth("apply", "-f", files);
  expect(again.out.split("\n").filter((line) => line.endsWith(" configured"))).toEqual([]);
  await whileReady?.(places);

  const deleted = outcomeOf(await berth("delete", "--ignore-not-found", "-f", files), files);
  expect({ code: deleted.code, errors: deleted.errors }).toEqual({ code: 0, errors: [] });
  for (const namespace of places) {
    await eventually(async () => expect(await client.list("Pod", { namespace })).toEqual([]), waitMs);
  }
  // Claims of a set outlive it.
  const left = waiting.filter((name) => name.startsWith("PersistentVolumeClaim"));
  expect(await unready(client, places), "left behind").toEqual(left);
}
