// Volumes of one class that nobody has, found by the nodes from which they can be reached.

import type { ObjectRow, NodeRow } from "../cluster/contract.ts";
import { volumeSpecOf } from "./specs.ts";
import { type VolumeNodes, volumeNodes } from "./volume-nodes.ts";

export class FreeVolumes {
  readonly #anywhere: ObjectRow[] = [];
  readonly #named = new Map<string, ObjectRow[]>();
  /** label -> value -> volumes */
  readonly #labelled = new Map<string, Map<string, ObjectRow[]>>();
  readonly #others: { readonly row: ObjectRow; readonly nodes: VolumeNodes & { type: "terms" } }[] = [];
  #size = 0;

  constructor(rows: Iterable<ObjectRow>) {
    for (const row of rows) this.#add(row);
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  *on(node: NodeRow): Iterable<ObjectRow> {
    yield* this.#anywhere;
    yield* this.#named.get(node.name) ?? [];
    for (const [key, values] of this.#labelled) {
      const value = node.metadata.labels?.[key];
      if (value !== undefined) yield* values.get(value) ?? [];
    }
    for (const { row, nodes } of this.#others) if (nodes.matches(node)) yield row;
  }

  #add(row: ObjectRow): void {
    const nodes = volumeNodes(volumeSpecOf(row.value));
    this.#size++;
    if (nodes.type === "anywhere") this.#anywhere.push(row);
    else if (nodes.type === "terms") this.#others.push({ row, nodes });
    else if (nodes.type === "names") for (const name of nodes.names) append(this.#named, name, row);
    else {
      let values = this.#labelled.get(nodes.key);
      if (!values) this.#labelled.set(nodes.key, (values = new Map()));
      for (const value of nodes.values) append(values, value, row);
    }
  }
}

function append(lists: Map<string, ObjectRow[]>, key: string, row: ObjectRow): void {
  const list = lists.get(key);
  if (list) list.push(row);
  else lists.set(key, [row]);
}
