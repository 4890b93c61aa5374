// One pod's actor over a simulated runtime on virtual time, for tests of the life cycle as a whole.

import { createActorSystem, createVirtualWorld, type ActorRef, type VirtualWorld } from "../../actors/mod.ts";
import type {
  AssignedPod,
  ContainerStatus,
  Pod,
  PodCondition,
  PodReport,
  PodStatus,
  Position,
} from "../../protocol/mod.ts";
import { type ConfigSource, noConfigs } from "../configs/config-source.ts";
import type { Prober } from "../pods/prober.ts";
import { execProbe } from "../pods/prober.ts";
import { PodAddresses } from "../pods/addresses.ts";
import { Gate } from "../pods/gate.ts";
import { ImagePuller } from "../pods/image-puller.ts";
import { RuntimeObserver } from "../pods/observer.ts";
import { podActor, type PodMessage } from "../pods/pod-actor.ts";
import type { PodHost } from "../pods/pod-host.ts";
import { defaultPodTiming } from "../pods/timing.ts";
import { createSimulatedRuntime, type ProgramOf, SimulatedMachine } from "../runtime/mod.ts";
import { simulatedClaims } from "../volumes/simulated-claims.ts";
import { simulatedVolumes } from "../volumes/simulated-volumes.ts";
import { uidOf } from "./pod-fixture.ts";

export interface PodBench {
  readonly world: VirtualWorld;
  readonly machine: SimulatedMachine;
  readonly reports: PodReport[];
  readonly ref: ActorRef<PodMessage>;
  status(): PodStatus;
  main(): ContainerStatus;
  condition(type: string): PodCondition | undefined;
  /** What the statuses of the main container said, one after the other, without repetition. */
  story(): string[];
  stop(graceSeconds: number): void;
  /** Ends the actor and starts another over the same machine, which knows this status from the record. */
  restart(pod: Pod): PodBench;
}

export function podBench(
  pod: Pod,
  options: {
    program?: ProgramOf;
    machine?: SimulatedMachine;
    world?: VirtualWorld;
    prober?: Prober;
    configs?: ConfigSource;
    usedBytes?: () => number;
  } = {},
): PodBench {
  const world = options.world ?? createVirtualWorld({ seed: 7 });
  const { clock, random, ids, logger } = world;
  const machine =
    options.machine ??
    new SimulatedMachine({
      clock,
      addressing: "loopback",
      ...(options.program && { program: options.program }),
    });
  const runtime = createSimulatedRuntime({ cluster: "c", node: "n1", world, machine });
  const addresses = new PodAddresses();
  addresses.setRange("127.7.1.0/24");
  const uid = uidOf(pod.metadata?.name ?? "");
  const reports: PodReport[] = [];
  const observer = new RuntimeObserver({
    runtime,
    clock,
    logger,
    pods: () => [uid],
    deliver: (_pod, event) => void ref.send(event),
    health: () => {},
  });
  const host: PodHost = {
    cluster: "c",
    node: "n1",
    hostIp: "127.0.0.1",
    runtimeName: "simulated",
    runtime,
    volumes: { ...simulatedVolumes(), usedBytes: () => Promise.resolve(options.usedBytes?.() ?? 0) },
    claims: simulatedClaims(),
    configs: options.configs ?? noConfigs,
    addresses,
    images: new ImagePuller(runtime),
    starts: new Gate(8),
    prober: options.prober ?? {
      probe: (probe, target) => execProbe(runtime, probe.exec?.command ?? [], target),
    },
    timing: defaultPodTiming,
    clock,
    logger,
    allocatable: { cpuMilli: 1000, memoryBytes: 2 ** 30 },
    services: () => [],
    servicesAt: () => Promise.resolve(),
    look: () => observer.look(),
    mayStart: () => true,
    forget: () => {},
  };
  const assigned: AssignedPod = { uid, position: 1 as Position, pod };
  const system = createActorSystem("bench", { clock, random, ids, logger });
  const ref: ActorRef<PodMessage> = system.spawn(
    "pod",
    podActor({
      host,
      wanted: () => assigned,
      held: () => "none",
      services: () => 0 as Position,
      started: () => observer.look(),
      report: (report) => reports.push(report),
    }),
  );
  const status = (): PodStatus => reports.at(-1)?.status ?? {};
  return {
    world,
    machine,
    reports,
    ref,
    status,
    main: () => mainOf(status()),
    condition: (type) => status().conditions?.find((condition) => condition.type === type),
    story: () => {
      const words = reports.map((report) => stateWords(mainOf(report.status)));
      return words.filter((word, index) => word !== words[index - 1]);
    },
    stop: (graceSeconds) => void ref.send({ type: "wanted", pod, stop: { graceSeconds, reason: "deleted" } }),
    restart(next) {
      observer.stop();
      void system.stop();
      return podBench(next, { ...options, machine, world });
    },
  };
}

/** Exits with these codes, attempt by attempt; the last one for ever. */
export const exits =
  (...codes: number[]): ProgramOf =>
  (spec) => ({ exitAfterMs: 1000, exitCode: codes[Math.min(spec.attempt, codes.length - 1)] ?? 0 });

function mainOf(status: PodStatus): ContainerStatus {
  const [first] = status.containerStatuses ?? [];
  return first ?? { name: "", image: "", imageID: "", ready: false, restartCount: 0 };
}

function stateWords({ state, restartCount, ready }: ContainerStatus): string {
  const count = restartCount > 0 ? ` #${restartCount}` : "";
  if (state?.running) return `running${ready ? " ready" : ""}${count}`;
  if (state?.terminated) return `${state.terminated.reason} ${state.terminated.exitCode}${count}`;
  return `${state?.waiting?.reason ?? "?"}${count}`;
}
