import { expect, test } from "vitest";
import type { ContainerStatus, Pod } from "../../protocol/mod.ts";
import { restartText, summarizePod } from "./pod-status.ts";

const container = (
  state: ContainerStatus["state"],
  more: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  name: "web",
  image: "",
  imageID: "",
  ready: false,
  restartCount: 0,
  ...(state && { state }),
  ...more,
});
const running = container({ running: {} }, { ready: true });
const ended = (exitCode: number, reason?: string, signal?: number): ContainerStatus =>
  container({ terminated: { exitCode, ...(reason && { reason }), ...(signal && { signal }) } });
const waiting = (reason: string): ContainerStatus => container({ waiting: { reason } });

const pod = (status: Pod["status"], metadata: Pod["metadata"] = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata,
  spec: {
    containers: [{ name: "web" }, { name: "side" }],
    initContainers: [{ name: "first" }, { name: "second" }],
  },
  ...(status && { status }),
});
const ready = { type: "Ready", status: "True" } as const;
const initialized = { type: "Initialized", status: "True" } as const;

test.each<[string, Pod, string, string]>([
  ["pending", pod({ phase: "Pending" }), "Pending", "0/2"],
  [
    "with scheduling gates",
    pod({
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
    }),
    "SchedulingGated",
    "0/2",
  ],
  ["without a status", pod(undefined), "Unknown", "0/2"],
  ["running", pod({ phase: "Running", containerStatuses: [running, running] }), "Running", "2/2"],
  [
    "one not ready",
    pod({ phase: "Running", containerStatuses: [running, container({ running: {} })] }),
    "Running",
    "1/2",
  ],
  [
    "creating",
    pod({ phase: "Pending", containerStatuses: [waiting("ContainerCreating")] }),
    "ContainerCreating",
    "0/2",
  ],
  [
    "crash loop",
    pod({ phase: "Running", containerStatuses: [waiting("CrashLoopBackOff")] }),
    "CrashLoopBackOff",
    "0/2",
  ],
  ["completed", pod({ phase: "Succeeded", containerStatuses: [ended(0, "Completed")] }), "Completed", "0/2"],
  ["failed", pod({ phase: "Failed", containerStatuses: [ended(1, "Error")] }), "Error", "0/2"],
  ["exit code", pod({ phase: "Failed", containerStatuses: [ended(3)] }), "ExitCode:3", "0/2"],
  ["signal", pod({ phase: "Failed", containerStatuses: [ended(137, undefined, 9)] }), "Signal:9", "0/2"],
  ["evicted", pod({ phase: "Failed", reason: "Evicted" }), "Evicted", "0/2"],
  [
    "one ended, one runs",
    pod({ phase: "Running", conditions: [ready], containerStatuses: [ended(0, "Completed"), running] }),
    "Running",
    "1/2",
  ],
  [
    "one ended, not ready",
    pod({ phase: "Running", containerStatuses: [ended(0, "Completed"), running] }),
    "NotReady",
    "1/2",
  ],
  [
    "first init",
    pod({
      phase: "Pending",
      initContainerStatuses: [container({ running: {} }), waiting("PodInitializing")],
    }),
    "Init:0/2",
    "0/2",
  ],
  [
    "second init",
    pod({ phase: "Pending", initContainerStatuses: [ended(0, "Completed"), container({ running: {} })] }),
    "Init:1/2",
    "0/2",
  ],
  ["init failed", pod({ phase: "Pending", initContainerStatuses: [ended(2, "Error")] }), "Init:Error", "0/2"],
  ["init exit code", pod({ phase: "Pending", initContainerStatuses: [ended(2)] }), "Init:ExitCode:2", "0/2"],
  [
    "init in a crash loop",
    pod({ phase: "Pending", initContainerStatuses: [waiting("CrashLoopBackOff")] }),
    "Init:CrashLoopBackOff",
    "0/2",
  ],
  [
    "initialized",
    pod({
      phase: "Running",
      conditions: [initialized],
      initContainerStatuses: [container({ running: {} })],
      containerStatuses: [running],
    }),
    "Running",
    "1/2",
  ],
  [
    "terminating",
    pod({ phase: "Running", containerStatuses: [running] }, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    "Terminating",
    "1/2",
  ],
  [
    "ended and deleted",
    pod(
      { phase: "Succeeded", containerStatuses: [ended(0, "Completed")] },
      { deletionTimestamp: "2026-01-01T00:00:00Z" },
    ),
    "Completed",
    "0/2",
  ],
  [
    "lost",
    pod({ phase: "Running", reason: "NodeLost" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    "Unknown",
    "0/2",
  ],
])("%s", (_name, object, reason, readiness) => {
  const summary = summarizePod(object);
  expect([summary.reason, `${summary.ready}/${summary.total}`]).toEqual([reason, readiness]);
});

test.each<[string, boolean, "Pending" | "Running", string, string]>([
  ["a sidecar that has not started", false, "Pending", "Init:0/2", "0/3"],
  ["a sidecar that runs, before the next init container", true, "Pending", "Init:1/2", "1/3"],
  ["a sidecar and its containers", true, "Running", "Running", "3/3"],
])("%s counts among the containers", (_what, started, phase, reason, readiness) => {
  const object = pod({
    phase,
    conditions: phase === "Running" ? [initialized, ready] : [],
    initContainerStatuses: [
      container({ running: {} }, { name: "proxy", started, ready: started, restartCount: 2 }),
      phase === "Running"
        ? container({ terminated: { exitCode: 0 } }, { name: "second", restartCount: 5 })
        : container(started ? { running: {} } : { waiting: { reason: "PodInitializing" } }, {
            name: "second",
          }),
    ],
    ...(phase === "Running" && { containerStatuses: [running, running] }),
  });
  const initContainers = [{ name: "proxy", restartPolicy: "Always" }, { name: "second" }];
  const summary = summarizePod({ ...object, spec: { containers: [], ...object.spec, initContainers } });
  expect([summary.reason, `${summary.ready}/${summary.total}`]).toEqual([reason, readiness]);
  // Restarts of what has ended its work do not count any more; those of a sidecar do.
  if (phase === "Running") expect(summary.restarts).toBe(2);
});

test("restarts are summed, with the age of the last one", () => {
  const last = (finishedAt: string): Partial<ContainerStatus> => ({
    restartCount: 2,
    lastState: { terminated: { exitCode: 1, finishedAt } },
  });
  const statuses = [
    container({ running: {} }, last("2026-01-01T00:00:00Z")),
    container({ running: {} }, last("2026-01-01T00:01:00Z")),
  ];
  const summary = summarizePod(pod({ phase: "Running", containerStatuses: statuses }));
  expect(restartText(summary, Date.parse("2026-01-01T00:06:10Z"))).toBe("4 (5m10s ago)");
  expect(restartText(summarizePod(pod({ phase: "Running" })), 0)).toBe("0");
});
