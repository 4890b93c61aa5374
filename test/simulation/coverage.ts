// What a run has gone through: faults that fired by class, events of the log by type, answers by code. Totals over
// many runs show what the simulation never reaches.

export class Coverage {
  readonly faults = new Map<string, number>();
  readonly events = new Map<string, number>();
  readonly answers = new Map<string, number>();
  /** Anything else worth knowing that it came up. */
  readonly marks = new Map<string, number>();

  fired(fault: string): void {
    count(this.faults, fault, 1);
  }
  event(type: string): void {
    count(this.events, type, 1);
  }
  answer(code: string): void {
    count(this.answers, code, 1);
  }
  mark(name: string): void {
    count(this.marks, name, 1);
  }

  add(other: CoverageTable): void {
    for (const table of tables) for (const [key, value] of other[table]) count(this[table], key, value);
  }

  /** As plain data, to cross threads. */
  table(): CoverageTable {
    return {
      faults: [...this.faults],
      events: [...this.events],
      answers: [...this.answers],
      marks: [...this.marks],
    };
  }
}

const tables = ["faults", "events", "answers", "marks"] as const;
export type CoverageTable = Readonly<Record<(typeof tables)[number], readonly (readonly [string, number])[]>>;

function count(map: Map<string, number>, key: string, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
