// Leases on a simulated machine: the guard runs on the machine's clock, whatever becomes of the agents there.

import type { Uid } from "../../protocol/mod.ts";
import type { SimulatedContainer } from "../runtime/simulated/simulated-container.ts";
import type { SimulatedMachine } from "../runtime/simulated/machine.ts";
import type { Fence } from "../runtime/runtime.ts";
import { runGuard } from "./guard.ts";
import type { LeaseHost } from "./lease-host.ts";
import { parseLeaseRecord } from "./lease-record.ts";

/** So long that only the stop signal is sent: SIGKILL is a step of its own in the guard's plan. */
const graceMs = 365 * 86_400_000;

/** Hears what the guard does to a pod. */
type OnFence = (step: "stop" | "kill", pod: Uid) => void;

export class SimulatedLeaseHost implements LeaseHost {
  readonly bootId: string;
  readonly #machine: SimulatedMachine;
  readonly #onFence: OnFence;
  #record: string | undefined;
  #guards = 0;

  constructor(machine: SimulatedMachine, bootId = "simulated-boot", onFence: OnFence = () => undefined) {
    this.#machine = machine;
    this.#onFence = onFence;
    this.bootId = bootId;
  }

  uptimeMs(): number {
    return this.#machine.clock.monotonic();
  }
  load(): string | undefined {
    return this.#record;
  }
  save(text: string): void {
    this.#record = text;
  }
  /** The machine has lost its power: neither the record nor the guard outlives that. */
  end(): void {
    this.#record = undefined;
  }
  guarded(): boolean {
    return this.#guards > 0;
  }

  startGuard(): void {
    if (this.guarded()) return;
    this.#guards += 1;
    const ended = (): void => void (this.#guards -= 1);
    void runGuard({
      fence: machineFence(this.#machine, this.#onFence),
      uptimeMs: () => this.uptimeMs(),
      sleep: (delayMs) => this.#machine.clock.sleep(delayMs),
      bootId: this.bootId,
      record: () => parseLeaseRecord(this.#record),
      failed: () => undefined,
    }).finally(ended);
  }
}

function machineFence(machine: SimulatedMachine, onFence: OnFence): Fence {
  const containersOf = (pod: Uid): readonly SimulatedContainer[] =>
    [...machine.containers.values()].filter((container) => container.pod.uid === pod);
  return {
    async stop(pod) {
      onFence("stop", pod);
      for (const container of containersOf(pod)) void container.stop(graceMs);
    },
    async kill(pod) {
      onFence("kill", pod);
      for (const [id, sandbox] of machine.sandboxes) {
        if (sandbox.pod.uid === pod && sandbox.ready)
          machine.sandboxes.set(id, { ...sandbox, ready: false, ip: "" });
      }
      for (const container of containersOf(pod)) container.exit(137);
      machine.emit({ type: "sandbox-changed", pod });
    },
  };
}
