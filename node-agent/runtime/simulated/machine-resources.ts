// What is left of a simulated machine's memory and disk: containers take some, and whatever else runs or lies there the
// rest. Tests and the simulation let it fill up; what follows from that is for others to do.

import type { Signal, Signals } from "../../pressure/signals.ts";
import type { SimulatedContainer } from "./simulated-container.ts";

export interface ResourceOptions {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly containers: ReadonlyMap<unknown, SimulatedContainer>;
}

export class MachineResources {
  readonly #options: ResourceOptions;
  /** Taken by what is no container. */
  otherMemoryBytes = 0;
  otherDiskBytes = 0;

  constructor(options: ResourceOptions) {
    this.#options = options;
  }

  get memory(): Signal {
    const { memoryBytes: capacity, containers } = this.#options;
    let available = capacity - this.otherMemoryBytes;
    for (const container of containers.values()) available -= container.memoryBytes;
    return { available, capacity };
  }

  /** What a container wrote lies there until it is removed, whether it runs or not. */
  get disk(): Signal {
    const { diskBytes: capacity, containers } = this.#options;
    let available = capacity - this.otherDiskBytes;
    for (const container of containers.values()) available -= container.writtenBytes;
    return { available, capacity };
  }

  /** As its agent reads them: images and volumes are on one disk. */
  signals(): Signals {
    const { memory, disk } = this;
    const atLeastNothing = ({ available, capacity }: Signal): Signal => ({
      available: Math.max(0, available),
      capacity,
    });
    return {
      "memory.available": atLeastNothing(memory),
      "nodefs.available": atLeastNothing(disk),
      "imagefs.available": atLeastNothing(disk),
    };
  }
}
