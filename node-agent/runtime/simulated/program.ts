// What a simulated container does: plain data, decided from its spec by the test or the simulation.

import type { ContainerSpec, PodIdentity } from "../runtime.ts";

export interface SimulatedOutput {
  /** After the start. */
  readonly atMs: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface SimulatedExecResult {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** How long it takes; Infinity never ends. Default 0. */
  readonly afterMs?: number;
}

export interface SimulatedProgram {
  /** Ends by itself this long after the start; without it, it runs until it is stopped. */
  readonly exitAfterMs?: number;
  /** Default 0. */
  readonly exitCode?: number;
  /** "OOMKilled" for example; by default "Completed" or "Error" after the code. */
  readonly exitReason?: string;
  /** From stop signal to end; Infinity ignores the signal. Default 0. */
  readonly stopAfterMs?: number;
  /** Default 143. */
  readonly stopExitCode?: number;
  /** The start itself fails: no such program. */
  readonly missing?: boolean;
  readonly output?: readonly SimulatedOutput[];
  /** Answers commands run inside; by default each ends with 0 and says nothing. `input` is all of its stdin. */
  readonly exec?: (command: readonly string[], input: string) => SimulatedExecResult;
  /** What it uses all the time that it runs. */
  readonly cpuMilli?: number;
  readonly memoryBytes?: number;
  /** What it has written to the disk from its start on. */
  readonly diskBytes?: number;
}

export type ProgramOf = (spec: ContainerSpec, pod: PodIdentity) => SimulatedProgram;

/** Runs until stopped, and obeys at once. */
export const steadyProgram: ProgramOf = () => ({});
