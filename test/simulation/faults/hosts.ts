// Hosts: engines that hang, fail and do not answer, containers that end, power that goes, disks that fill or come back
// older, machines that are replaced, and two agents with one name.

import { slowVerbs, type SimNode } from "../cluster/sim-node.ts";
import type { RuntimeVerb } from "../../../node-agent/mod.ts";
import { commonHostPort } from "../workload/pods.ts";
import { type FaultClass, later, pick } from "./fault.ts";

const verbs: readonly RuntimeVerb[] = [
  "runSandbox",
  "stopSandbox",
  "removeSandbox",
  "createContainer",
  "startContainer",
  "stopContainer",
  "removeContainer",
  "listContainers",
  "listSandboxes",
  "inspectContainer",
  "imagePresent",
];

const ours = (node: SimNode) =>
  [...node.machine.containers.values()].filter(
    ({ pod, state }) => state === "running" && pod.cluster !== "another",
  );

export const hostFaults: readonly FaultClass[] = [
  {
    type: "runtime-fail",
    weight: 5,
    lasts: [1, 2],
    inject(cluster, fault) {
      const { machine } = pick(cluster.nodes, fault);
      cluster.coverage.fired("runtime-fail");
      const verb = verbs[Math.floor(fault.roll * verbs.length)] ?? "listContainers";
      machine.fail(verb, fault.target % 2 === 0 ? "Unavailable" : "Timeout", {
        times: 1 + (fault.target % 4),
      });
    },
  },
  {
    type: "runtime-hang",
    weight: 4,
    lasts: [200, 30_000],
    inject(cluster, fault) {
      const { machine } = pick(cluster.nodes, fault);
      cluster.coverage.fired("runtime-hang");
      machine.hang(verbs[Math.floor(fault.roll * verbs.length)] ?? "listContainers", {
        times: 1 + (fault.target % 5),
      });
      later(cluster, fault, () => machine.release());
    },
  },
  {
    type: "runtime-slow",
    weight: 4,
    lasts: [500, 30_000],
    inject(cluster, fault) {
      const { machine } = pick(cluster.nodes, fault);
      cluster.coverage.fired("runtime-slow");
      for (const verb of slowVerbs) machine.setLatency(verb, fault.roll * 3_000);
      later(cluster, fault, () => {
        for (const verb of slowVerbs) machine.setLatency(verb, 0);
      });
    },
  },
  {
    type: "runtime-unanswered",
    weight: 12,
    lasts: [500, 20_000],
    inject(cluster, fault) {
      const { wire, machine } = pick(cluster.nodes, fault);
      cluster.unanswered.set(wire, 0.2 + fault.roll * 0.8);
      // Nor does it say soon how things are.
      if (fault.roll > 0.4) machine.fail("inspectContainer", "Unavailable", { times: 8 });
      later(cluster, fault, () => cluster.unanswered.delete(wire));
    },
  },
  {
    // Given up, and done all the same after a while: Docker's driver waits two minutes for an answer, this one less.
    type: "runtime-late",
    weight: 8,
    lasts: [2_000, 25_000],
    inject(cluster, fault) {
      const { machine, wire } = pick(cluster.nodes, fault);
      cluster.coverage.fired("runtime-late");
      const latencyMs = 200 + fault.roll * 4_000;
      for (const verb of slowVerbs) machine.setLatency(verb, latencyMs);
      cluster.patience.set(wire, latencyMs * (0.3 + (fault.target % 10) / 10));
      later(cluster, fault, () => {
        for (const verb of slowVerbs) machine.setLatency(verb, 0);
        cluster.patience.delete(wire);
      });
    },
  },
  {
    type: "engine-restart",
    weight: 5,
    lasts: [100, 15_000],
    inject(cluster, fault) {
      const { machine } = pick(cluster.nodes, fault);
      cluster.coverage.fired("engine-restart");
      machine.stopEngine({ containersRunOn: fault.roll < 0.6 });
      later(cluster, fault, () => machine.startEngine());
    },
  },
  {
    type: "port-taken",
    weight: 4.5,
    lasts: [1_000, 20_000],
    inject(cluster, fault) {
      const { takenPorts } = pick(cluster.nodes, fault).machine;
      cluster.coverage.fired("port-taken");
      takenPorts.add(commonHostPort);
      later(cluster, fault, () => takenPorts.delete(commonHostPort));
    },
  },
  {
    type: "container-crash",
    weight: 9,
    lasts: [1, 2],
    inject(cluster, fault) {
      const node = pick(cluster.nodes, fault);
      const running = ours(node);
      const container = running[Math.floor(fault.roll * running.length)];
      if (!container) return;
      cluster.coverage.fired("container-crash");
      node.machine.crash(container.id, fault.target % 3 === 0 ? 0 : 139);
    },
  },
  {
    type: "reboot",
    weight: 3,
    lasts: [1, 2],
    inject(cluster, fault) {
      cluster.coverage.fired("reboot");
      pick(cluster.nodes, fault).reboot();
    },
  },
  {
    type: "node-away",
    weight: 4,
    lasts: [2_000, 40_000],
    inject(cluster, fault) {
      const node = pick(cluster.nodes, fault);
      cluster.coverage.fired("node-away");
      node.keepDown();
      later(cluster, fault, () => node.start());
    },
  },
  {
    type: "all-nodes-away",
    weight: 4,
    lasts: [2_000, 25_000],
    inject(cluster, fault) {
      cluster.coverage.fired("all-nodes-away");
      for (const node of cluster.nodes) node.keepDown();
      later(cluster, fault, () => {
        for (const node of cluster.nodes) node.start();
      });
    },
  },
  {
    type: "node-replaced",
    weight: 3.5,
    lasts: [1, 2],
    inject(cluster, fault) {
      cluster.coverage.fired("node-replaced");
      pick(cluster.nodes, fault).replace();
    },
  },
  {
    type: "two-of-one-name",
    weight: 6,
    lasts: [1_000, 20_000],
    inject(cluster, fault) {
      const { shape } = pick(cluster.nodes, fault);
      if (cluster.doubled.has(shape.name)) return;
      cluster.coverage.fired("two-of-one-name");
      const twin = cluster.secondMachine(shape);
      twin.start();
      later(cluster, fault, () => cluster.endTwin(twin));
    },
  },
  {
    type: "record-lost",
    weight: 3,
    lasts: [1, 2],
    inject(cluster, fault) {
      const node = pick(cluster.nodes, fault);
      cluster.coverage.fired("record-lost");
      node.crash(true);
      if (fault.roll < 0.3) node.disk.lose();
      else if (fault.roll < 0.5) node.disk.tear();
      else node.disk.goBack(1 + (fault.target % 10));
    },
  },
  {
    type: "disk-full",
    weight: 4,
    lasts: [200, 15_000],
    inject(cluster, fault) {
      const { disk, machine } = pick(cluster.nodes, fault);
      cluster.coverage.fired("disk-full");
      disk.full = true;
      // The engine's own disk may be another one.
      machine.diskFull = fault.roll < 0.6;
      later(cluster, fault, () => {
        disk.heal();
        machine.diskFull = false;
      });
    },
  },
];
