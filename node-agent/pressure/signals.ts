// What a node measures of itself to know whether it runs out of something, by kubelet's names.

export const signalNames = [
  "memory.available",
  "nodefs.available",
  "nodefs.inodesFree",
  "imagefs.available",
  "imagefs.inodesFree",
  "pid.available",
] as const;
export type SignalName = (typeof signalNames)[number];

export interface Signal {
  readonly available: number;
  readonly capacity: number;
}
/** What can't be measured on a host is absent, and never under pressure. */
export type Signals = Readonly<Partial<Record<SignalName, Signal>>>;

export type PressureType = "MemoryPressure" | "DiskPressure" | "PIDPressure";
export const pressureTypes: readonly PressureType[] = ["MemoryPressure", "DiskPressure", "PIDPressure"];

export function pressureOf(signal: SignalName): PressureType {
  if (signal === "memory.available") return "MemoryPressure";
  return signal === "pid.available" ? "PIDPressure" : "DiskPressure";
}

/** Kubernetes' name of the resource that a signal is about, as messages have it. */
export function resourceOf(signal: SignalName): string {
  if (signal === "memory.available") return "memory";
  if (signal === "pid.available") return "pids";
  return signal.endsWith("inodesFree") ? "inodes" : "ephemeral-storage";
}
