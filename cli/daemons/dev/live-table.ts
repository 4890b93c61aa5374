// A small table that is drawn again in place on a terminal; elsewhere a line for each change.

import Table from "cli-table3";

export interface LiveTable {
  /** Shows these rows; the first call draws the head too. */
  show(rows: readonly (readonly string[])[]): void;
  /** Leaves the last state standing. */
  done(): void;
}

const plainBorders = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" },
  ...{ "bottom-left": "", "bottom-right": "", left: "  ", "left-mid": "", mid: "", "mid-mid": "" },
  ...{ right: "", "right-mid": "", middle: "  " },
};

export function createLiveTable(head: readonly string[], out: NodeJS.WriteStream): LiveTable {
  let drawn = 0;
  let last = "";
  const text = (rows: readonly (readonly string[])[]): string => {
    const table = new Table({
      head: [...head],
      chars: plainBorders,
      style: {
        head: out.isTTY ? ["gray"] : [],
        border: [],
        compact: true,
        "padding-left": 0,
        "padding-right": 0,
      },
    });
    table.push(...rows.map((row) => [...row]));
    return table.toString();
  };
  const seen = new Set<string>();
  return {
    show: (rows) => {
      if (!out.isTTY) {
        for (const row of rows) {
          const line = `  ${row.filter(Boolean).join("  ")}`;
          if (!seen.has(line)) out.write(`${line}\n`);
          seen.add(line);
        }
        return;
      }
      const next = text(rows);
      if (next === last) return;
      if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[0J`);
      out.write(`${next}\n`);
      drawn = next.split("\n").length;
      last = next;
    },
    done: () => {
      drawn = 0;
      last = "";
    },
  };
}
