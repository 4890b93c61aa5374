// Objects of one kind as a table, with the columns that the flags of `berth get` add.

import type { Stored } from "../client/mod.ts";
import { kindInfo, type KindName } from "../protocol/mod.ts";
import { labelText } from "./printers/column.ts";
import { cellsOf, titlesOf } from "./printers/mod.ts";
import { shownName } from "./resource-args.ts";
import { Table } from "./table.ts";

export interface TableOptions {
  readonly wide: boolean;
  /** Labels with columns of their own. */
  readonly labelColumns: readonly string[];
  readonly showLabels: boolean;
  readonly headers: boolean;
  /** Namespaces as a first column. */
  readonly namespaces: boolean;
  /** Names as `pod/web`, where tables of several kinds follow each other. */
  readonly showKind: boolean;
  /** What a watch told of each object as a first column. */
  readonly events: boolean;
}

export class ObjectTable<K extends KindName> {
  readonly #kind: K;
  readonly #options: TableOptions;
  readonly #table = new Table();
  #started = false;

  constructor(kind: K, options: TableOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  /** The header on the first call, and a line for each object. */
  render(objects: readonly Stored<K>[], now: number, events: readonly string[] = []): string {
    const rows = objects.map((object, index) => {
      const row = this.#row(object, now);
      return this.#options.events ? [events[index] ?? "", ...row] : row;
    });
    const first = !this.#started && this.#options.headers ? [this.#titles()] : [];
    this.#started = true;
    return this.#table.render([...first, ...rows]);
  }

  get #withNamespace(): boolean {
    return this.#options.namespaces && kindInfo(this.#kind)?.namespaced === true;
  }
  #titles(): string[] {
    const titles = [...titlesOf(this.#kind, this.#options.wide)];
    if (this.#withNamespace) titles.unshift("NAMESPACE");
    // As kubectl has it: the last word of a key that has a prefix.
    titles.push(
      ...this.#options.labelColumns.map((key) => key.slice(key.lastIndexOf("/") + 1).toUpperCase()),
    );
    if (this.#options.showLabels) titles.push("LABELS");
    return this.#options.events ? ["EVENT", ...titles] : titles;
  }
  #row(object: Stored<K>, now: number): string[] {
    const cells = cellsOf(this.#kind, object, { wide: this.#options.wide, now });
    const info = kindInfo(this.#kind);
    if (this.#options.showKind && info) cells[0] = shownName(info, cells[0] ?? "");
    if (this.#withNamespace) cells.unshift(object.metadata.namespace ?? "");
    cells.push(...this.#options.labelColumns.map((key) => object.metadata.labels?.[key] ?? ""));
    if (this.#options.showLabels) cells.push(labelText(object.metadata.labels));
    return cells;
  }
}
