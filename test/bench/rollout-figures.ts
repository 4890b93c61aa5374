// The figures of a Deployment on Docker, from its rounds. Bounds stand where like is compared with like: with the same
// containers through the API, and with what Swarm's users get from its commands when they set nothing. The others are
// told for whoever wants to know where the time goes.

import { defaultParallelStarts } from "../../node-agent/mod.ts";
import { type Figure, paired } from "./report.ts";
import type { SwarmSeconds } from "./support/swarm.ts";

const atMostOfApi = 1.3;
const atMostOfSwarm = 0.5;

/** Seconds each. */
export interface RolloutRound {
  readonly start: number;
  /** With the default strategy. */
  readonly update: number;
  /** At the parallelism of Swarm's tuned update. */
  readonly tuned: number;
  readonly direct: { readonly start: number; readonly update: number };
  readonly swarm?: {
    readonly start: SwarmSeconds;
    /** In the first round alone. */
    readonly update?: SwarmSeconds;
    readonly tunedStart: SwarmSeconds;
    readonly tunedUpdate: SwarmSeconds;
  };
}

interface Settings {
  readonly pods: number;
  readonly maxSurge: number;
  /** Swarm's tasks were on an overlay network where it is compared out of the box. */
  readonly overlay: boolean;
}

export function rolloutFigures(
  rounds: readonly RolloutRound[],
  { pods, maxSurge, overlay }: Settings,
): readonly Figure[] {
  /** Of the rounds that have both. */
  const pair = (
    name: string,
    reference: string,
    of: (round: RolloutRound) => readonly [number, number] | undefined,
  ): readonly Figure[] => {
    const both = rounds.map(of).filter((each) => each !== undefined);
    if (both.length === 0) return [];
    const ours = both.map(([value]) => value);
    const theirs = both.map(([, value]) => value);
    return [{ name, ...paired(ours, theirs, reference), unit: "s" }];
  };
  const bounded = (figures: readonly Figure[], atMost: number): readonly Figure[] =>
    figures.map((figure) => ({ ...figure, atMost }));
  const against = (value: number, theirs: number | undefined): readonly [number, number] | undefined =>
    theirs === undefined ? undefined : [value, theirs];

  const start = `from apply to ${pods} pods of a Deployment and its Service ready on Docker`;
  const end = "to the end of the last old one";
  const byDefault = `rolling update of ${pods} pods by the default strategy (25% too many, 25% too few), ${end}`;
  const atSurge = `rolling update of ${pods} pods, maxSurge ${maxSurge}, maxUnavailable 0, ${end}`;
  const lanes = `${defaultParallelStarts} pods at a time, new ones first`;
  const place = overlay ? "on an overlay network" : "on the engine's bridge: no overlay network here";
  const watched = "5 s of watching its tasks included";
  const settings = `${maxSurge} at a time, new ones first, on the engine's bridge`;
  const alone = "one container a task, without a pause container";
  return [
    ...bounded(
      [
        ...pair(start, `the same containers through Docker's API, ${lanes}`, (one) => [
          one.start,
          one.direct.start,
        ]),
        ...pair(atSurge, `the same containers replaced through Docker's API, ${lanes}`, (one) => [
          one.tuned,
          one.direct.update,
        ]),
      ],
      atMostOfApi,
    ),
    ...bounded(
      [
        ...pair(
          start,
          `\`docker service create\` with nothing set, ${place}, until it returns, ${watched}`,
          (one) => against(one.start, one.swarm?.start.returned),
        ),
        ...pair(
          byDefault,
          `\`docker service update\` with nothing set (one task at a time), ${place}, until it returns, ${watched}, one round`,
          (one) => against(one.update, one.swarm?.update?.returned),
        ),
      ],
      atMostOfSwarm,
    ),
    ...pair(
      start,
      `for information: Swarm, nothing set, ${place}, until its last container has started, ${alone}`,
      (one) => against(one.start, one.swarm?.start.running),
    ),
    ...pair(
      start,
      `for information: \`docker service create\` on the engine's bridge, until it returns, ${watched}`,
      (one) => against(one.start, one.swarm?.tunedStart.returned),
    ),
    ...pair(
      start,
      `for information: Swarm on the engine's bridge, until its last container has started, ${alone}`,
      (one) => against(one.start, one.swarm?.tunedStart.running),
    ),
    ...pair(
      atSurge,
      `for information: \`docker service update\`, ${settings}, until it returns, ${watched}`,
      (one) => against(one.tuned, one.swarm?.tunedUpdate.returned),
    ),
    ...pair(
      atSurge,
      `for information: Swarm, ${settings}, until its last new container has started and old one ended, ${alone}`,
      (one) => against(one.tuned, one.swarm?.tunedUpdate.running),
    ),
  ];
}
