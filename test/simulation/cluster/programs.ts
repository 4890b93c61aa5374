// What simulated containers do: decided by the seed for each attempt, and steady once faults are over.

import type { ContainerSpec, PodIdentity, SimulatedProgram } from "../../../node-agent/mod.ts";
import { Draw } from "../engine/draw.ts";
import { Health, type HealthRates } from "./health.ts";

export interface ProgramRates {
  /** Share of starts that end by themselves. */
  readonly exits: number;
  readonly stopsSlowly: number;
  readonly ignoresStop: number;
  readonly missing: number;
}

/** What containers take of their machine, where that is looked at. */
export interface Appetite {
  /** Share of containers that take more than they asked for. */
  readonly greedy: number;
}

/** Images whose programs do the same with faults and without. */
export const images = {
  /** Ends with 0 after a while: for pods that are to finish. */
  job: "job:1",
  /** Ends well or badly. */
  flaky: "flaky:1",
  /** Ends badly, as often as a job puts up with. */
  failing: "failing:1",
  /** Runs, and is never ready if it is asked. */
  unready: "unready:1",
} as const;

const ending: ReadonlySet<string> = new Set([images.job, images.flaky, images.failing]);
export const endsByItself = (image: string | undefined): boolean => ending.has(image ?? "");
/** Runs until it is stopped, unless something is wrong with it. */
export const isServer = (image: string | undefined): boolean => image?.startsWith("app:") ?? false;
export const failingExitCode = 3;

/** More than any job's limit. Where no job is left to give it up it would fail for ever, and the log would never rest. */
const mostFailures = 5;

export const longestExitMs = 30_000;

const leastBytes = 2 ** 20;
const mostModestBytes = { memory: 60 * 2 ** 20, disk: 100 * 2 ** 20 } as const;
const mostGreedyBytes = { memory: 500 * 2 ** 20, disk: 3 * 2 ** 30 } as const;

export interface ProgramsOptions {
  readonly seed: number;
  readonly rates: ProgramRates;
  readonly appetite?: Appetite | undefined;
  readonly health?: HealthRates | undefined;
  readonly now: () => number;
}

export class Programs {
  readonly #options: ProgramsOptions;
  readonly #seed: number;
  readonly #rates: ProgramRates;
  readonly #health = new WeakMap<SimulatedProgram, Health>();
  /** Faults are over: from now on everything that starts is steady. */
  steady = false;

  constructor(options: ProgramsOptions) {
    this.#options = options;
    this.#seed = options.seed;
    this.#rates = options.rates;
  }

  of(spec: ContainerSpec, pod: PodIdentity): SimulatedProgram {
    const { appetite, health } = this.#options;
    const program = this.#program(spec, pod);
    const taking = appetite ? this.#taking(program, spec, pod, appetite) : program;
    return health && isServer(spec.image) ? this.#asked(taking, spec, pod, health) : taking;
  }

  /** What a program has said of itself; undefined for those that are always well. */
  healthOf(program: SimulatedProgram): Health | undefined {
    return this.#health.get(program);
  }

  #asked(
    program: SimulatedProgram,
    spec: ContainerSpec,
    { uid }: PodIdentity,
    rates: HealthRates,
  ): SimulatedProgram {
    const draw = new Draw(this.#seed + hash(`${uid}/${spec.name}/${spec.attempt}/health`));
    const { now } = this.#options;
    const health = new Health(draw, rates, { now, isSteady: () => this.steady });
    const asked = Object.defineProperties({ exec: health.exec }, Object.getOwnPropertyDescriptors(program));
    this.#health.set(asked, health);
    return asked;
  }

  /** The same for each attempt, and little once faults are over: what is asked for must fit. */
  #taking(
    program: SimulatedProgram,
    spec: ContainerSpec,
    pod: PodIdentity,
    { greedy }: Appetite,
  ): SimulatedProgram {
    const draw = new Draw(this.#seed + hash(`${pod.uid}/${spec.name}/appetite`));
    const most = draw.chance(greedy) ? mostGreedyBytes : mostModestBytes;
    const memoryBytes = draw.spread(leastBytes, most.memory);
    const diskBytes = draw.spread(leastBytes, most.disk);
    const isSteady = (): boolean => this.steady;
    return {
      ...program,
      get memoryBytes() {
        return isSteady() ? leastBytes : memoryBytes;
      },
      get diskBytes() {
        return isSteady() ? leastBytes : diskBytes;
      },
    };
  }

  #program(spec: ContainerSpec, pod: PodIdentity): SimulatedProgram {
    // By what it is and not by when it is asked: the order of starts changes nothing.
    const draw = new Draw(this.#seed + hash(`${pod.uid}/${spec.name}/${spec.attempt}`));
    const stops = this.#stops(draw);
    if (endsByItself(spec.image)) return { ...stops, ...end(spec, draw) };
    if (spec.image === images.unready) {
      return { ...stops, exec: ([word]) => ({ exitCode: word === "ready" ? 1 : 0 }) };
    }
    if (this.steady) return stops;
    if (draw.chance(this.#rates.missing)) return { missing: true };
    if (!draw.chance(this.#rates.exits)) return stops;
    const exitAfterMs = draw.chance(0.4) ? 0 : draw.spread(1, longestExitMs);
    return { ...stops, exitAfterMs, exitCode: draw.pick([0, 1, 2, 137, 139]) };
  }

  #stops(draw: Draw): SimulatedProgram {
    if (draw.chance(this.#rates.ignoresStop)) return { stopAfterMs: Number.POSITIVE_INFINITY };
    if (draw.chance(this.#rates.stopsSlowly)) return { stopAfterMs: draw.between(10, 6_000) };
    return { stopAfterMs: draw.between(0, 50) };
  }
}

function end(
  { image, attempt }: ContainerSpec,
  draw: Draw,
): Pick<SimulatedProgram, "exitAfterMs" | "exitCode"> {
  if (image === images.job) return { exitAfterMs: draw.between(1_000, 20_000), exitCode: 0 };
  const fails = (image === images.failing || draw.chance(0.4)) && attempt < mostFailures;
  return { exitAfterMs: draw.between(200, 8_000), exitCode: fails ? failingExitCode : 0 };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
