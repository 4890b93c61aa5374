// How a simulated program is when it is asked: unwell at drawn times, and without an answer now and then. It remembers
// what it has said, for those who judge what is done about it.

import type { SimulatedExecResult } from "../../../node-agent/runtime/simulated/program.ts";
import type { Draw } from "../engine/draw.ts";

/** What the workload's probes run inside. */
export type Question = "started" | "live" | "ready";
const questions: ReadonlySet<string> = new Set<Question>(["started", "live", "ready"]);

/** True times. */
interface Window {
  readonly from: number;
  readonly to: number;
}

export interface HealthRates {
  /** Share of programs that are unwell at some time, for each question. */
  readonly unwell: number;
}

/** Longer than any probe waits. */
const noAnswerMs = 60_000;
const longestStartMs = 15_000;
const longestWellMs = 30_000;
const longestUnwellMs = 200_000;

export class Health {
  readonly #now: () => number;
  readonly #isSteady: () => boolean;
  readonly #unwell: Readonly<Record<Question, Window>>;
  readonly #answers: boolean;
  /** Bad answers since the last good one. */
  readonly #failures = new Map<Question, number>();

  constructor(
    draw: Draw,
    { unwell }: HealthRates,
    time: { readonly now: () => number; readonly isSteady: () => boolean },
  ) {
    this.#now = time.now;
    this.#isSteady = time.isSteady;
    const began = time.now();
    const window = (): Window => {
      const from = began + draw.spread(1_000, longestWellMs);
      const lastsMs = draw.spread(2_000, longestUnwellMs);
      return { from, to: draw.chance(unwell) ? from + lastsMs : from };
    };
    const startMs = draw.spread(1, longestStartMs);
    this.#unwell = {
      started: { from: began, to: draw.chance(0.5) ? began + startMs : began },
      live: window(),
      ready: window(),
    };
    this.#answers = draw.chance(0.7);
  }

  readonly exec = ([word = ""]: readonly string[]): SimulatedExecResult => {
    if (!questions.has(word)) return { exitCode: 0 };
    const question = word as Question;
    const isWell = this.#isWell(question);
    this.#failures.set(question, isWell ? 0 : this.failures(question) + 1);
    if (isWell) return { exitCode: 0 };
    return { exitCode: 1, stderr: `not ${question}`, ...(!this.#answers && { afterMs: noAnswerMs }) };
  };

  failures(question: Question): number {
    return this.#failures.get(question) ?? 0;
  }

  #isWell(question: Question): boolean {
    const { from, to } = this.#unwell[question];
    const now = this.#now();
    return this.#isSteady() || now < from || now >= to;
  }
}
