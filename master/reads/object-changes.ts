// What a commit changed, as watchers see it: each object once, before and after the whole commit.

import type { ApiObject, Position, Positioned } from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/contract.ts";
import { keyText, type ObjectKey, touchedBy } from "./touched-objects.ts";

export interface ObjectChange {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly before: ApiObject | undefined;
  readonly after: ApiObject | undefined;
  /** The new resourceVersion; for a deletion, its position. */
  readonly position: Position;
}

interface Touched {
  readonly key: ObjectKey;
  readonly before: ApiObject | undefined;
  last: Position;
  /** Where the one that was there before the commit was deleted. */
  ended?: Position;
}

/** Endpoints go with their service. */
const endsIt = (event: Positioned, { kind }: ObjectKey): boolean =>
  event.type === "ObjectDeleted" &&
  (event.object.kind === kind || (kind === "Endpoints" && event.object.kind === "Service"));

const versionOf = (object: ApiObject | undefined): number => Number(object?.metadata.resourceVersion ?? 0);

/** Two halves around the folding of one commit: `begin` looks at what will change, `end` tells what did. */
export class ObjectChanges {
  readonly #state: ClusterState;
  #touched = new Map<string, Touched>();

  constructor(state: ClusterState) {
    this.#state = state;
  }

  begin(events: readonly Positioned[], isWatched: (kind: string) => boolean): void {
    this.#touched = new Map();
    for (const event of events) {
      for (const key of touchedBy(event, this.#state, isWatched)) {
        const text = keyText(key);
        const known = this.#touched.get(text) ?? { key, before: this.#render(key), last: event.position };
        this.#touched.set(text, known);
        known.last = event.position;
        if (endsIt(event, key)) known.ended ??= event.position;
      }
    }
  }

  /** In the order of the positions that the changes end at, so that any of them may be resumed from. */
  end(): readonly ObjectChange[] {
    const changes: ObjectChange[] = [];
    for (const { key, before, last, ended } of this.#touched.values()) {
      const after = this.#render(key);
      const about = { kind: key.kind, namespace: key.namespace };
      const isOther =
        before !== undefined && after !== undefined && before.metadata.uid !== after.metadata.uid;
      if (before && (!after || isOther)) {
        const position = ended ?? ((isOther ? versionOf(after) - 1 : last) as Position);
        changes.push({ ...about, before, after: undefined, position });
      }
      if (!after || (!isOther && versionOf(before) === versionOf(after))) continue;
      changes.push({
        ...about,
        before: isOther ? undefined : before,
        after,
        position: versionOf(after) as Position,
      });
    }
    this.#touched = new Map();
    return changes.sort((one, other) => one.position - other.position);
  }

  #render({ kind, namespace, name }: ObjectKey): ApiObject | undefined {
    return this.#state.render(kind, namespace, name);
  }
}
