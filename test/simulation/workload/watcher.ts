// A user's watch that never ends, compared with the log: no change is missed, none is told twice, and at each
// bookmark what it knows is what was there.

import { type BerthClient, BerthError } from "../../../client/mod.ts";
import type { KindName } from "../../../protocol/mod.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimProcess } from "../engine/process.ts";
import { must } from "../invariants/invariant.ts";

const restartMs = 1_000;
const name = "a watch has no gap and no double";

export class Watching {
  readonly #cluster: SimCluster;
  readonly #kind: KindName;
  /** What the watch has told, by uid. */
  #known = new Map<string, number>();
  /** What the log says, up to where the watch has got. */
  #expected = new Map<string, number>();
  #next = 0;
  #position = 0;

  constructor(cluster: SimCluster, kind: KindName) {
    this.#cluster = cluster;
    this.#kind = kind;
  }

  /** Runs as long as the process; a violation fails the run. */
  async run(client: BerthClient, process: SimProcess): Promise<void> {
    const { timeline, coverage } = this.#cluster;
    while (process.alive) {
      this.#known = new Map();
      this.#position = 0;
      try {
        await this.#follow(client);
      } catch (error) {
        if (!(error instanceof BerthError)) {
          timeline.fail(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        coverage.mark(`watch ended: ${error.code}`);
        await process.clock.sleep(restartMs);
      }
    }
  }

  async #follow(client: BerthClient): Promise<void> {
    const namespaced = this.#kind !== "Node" && this.#kind !== "Namespace";
    for await (const event of client.watch(this.#kind, {
      bookmarks: true,
      ...(namespaced && { allNamespaces: true }),
    })) {
      must(
        event.position >= this.#position,
        name,
        () => `${this.#kind}: position ${event.position} after ${this.#position}`,
      );
      this.#position = event.position;
      if (event.type === "BOOKMARK") {
        this.#compare(event.position);
        continue;
      }
      const { uid = "", resourceVersion } = event.object.metadata;
      this.#take(event.type, uid, Number(resourceVersion), event.object.metadata.name ?? "");
    }
  }

  #take(type: "ADDED" | "MODIFIED" | "DELETED", uid: string, version: number, object: string): void {
    const before = this.#known.get(uid);
    const what = `${this.#kind} ${object} is told ${type} with version ${version}, known is ${before}`;
    must((type === "ADDED") === (before === undefined), name, () => what);
    must(before === undefined || version > before || type === "DELETED", name, () => what);
    if (type === "DELETED") this.#known.delete(uid);
    else this.#known.set(uid, version);
  }

  #compare(position: number): void {
    const { changes } = this.#cluster.oracle;
    must(
      position <= this.#cluster.oracle.position,
      name,
      () => `a bookmark at ${position}, and the log has ${this.#cluster.oracle.position}`,
    );
    if ((changes[this.#next - 1]?.position ?? 0) > position) {
      // A list from a master that is behind, after a watch ended: start over.
      this.#next = 0;
      this.#expected = new Map();
    }
    for (
      let change = changes[this.#next];
      change && change.position <= position;
      change = changes[this.#next]
    ) {
      this.#next++;
      if (change.kind !== this.#kind) continue;
      if (change.version === undefined) this.#expected.delete(change.uid);
      else this.#expected.set(change.uid, change.version);
    }
    this.#cluster.coverage.mark("watches compared");
    const differs =
      this.#known.size !== this.#expected.size ||
      [...this.#expected].some(([uid, version]) => this.#known.get(uid) !== version);
    must(
      !differs,
      name,
      () =>
        `${this.#kind} at ${position}: told ${JSON.stringify([...this.#known])}, the log says ${JSON.stringify([...this.#expected])}`,
    );
  }
}
