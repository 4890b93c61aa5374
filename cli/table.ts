// Columns as kubectl aligns them: three spaces apart, at least six wide, nothing after the last one.

const padding = 3;
const leastWidth = 6;

/** Remembers widths, so that rows which a watch adds stand under the header. */
export class Table {
  readonly #widths: number[] = [];

  /** The rows as lines, each with its line end. */
  render(rows: readonly (readonly string[])[]): string {
    for (const row of rows) {
      for (const [index, cell] of row.entries()) {
        const width = Math.max(leastWidth, textWidth(cell) + padding);
        if (index < row.length - 1) this.#widths[index] = Math.max(this.#widths[index] ?? 0, width);
      }
    }
    return rows.map((row) => `${this.#line(row)}\n`).join("");
  }

  #line(row: readonly string[]): string {
    return row
      .map((cell, index) => (index < row.length - 1 ? cell + " ".repeat(this.#gap(cell, index)) : cell))
      .join("");
  }
  #gap(cell: string, index: number): number {
    return Math.max(0, (this.#widths[index] ?? 0) - textWidth(cell));
  }
}

const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
/** Characters that show, colours left out. */
const textWidth = (text: string): number => Array.from(text.replace(colour, "")).length;
