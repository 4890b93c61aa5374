// Mistakes of agents: containers that nobody owns, orders of the past, graces that are not given.

import type { Defect } from "./defect.ts";

const agent = "node-agent/agent.ts";
const assignment = "node-agent/assignment.ts";

export const agentDefects: readonly Defect[] = [
  {
    name: "unowned-container",
    about: "a pod that is no longer assigned runs on",
    patches: [
      {
        file: agent,
        find: "if (!this.#assignment.pods.has(uid)) this.#fleet.drop(",
        put: "if (this.#assignment.pods.size < 0) this.#fleet.drop(",
      },
    ],
  },
  {
    name: "leftovers-stay",
    about: "what a former agent left behind is never removed",
    patches: [
      {
        file: "node-agent/leftovers.ts",
        find: "if (!isKept(sandbox.pod.uid)) lost.set(",
        put: "if (sandbox.attempt > 99) lost.set(",
      },
      {
        file: "node-agent/leftovers.ts",
        find: "if (!isKept(pod) && !lost.has(pod)) lost.set(pod, []);",
        put: "if (pod === undefined) lost.set(pod, []);",
      },
    ],
  },
  {
    name: "stale-delta-is-applied",
    about: "a delta is applied on something else than it starts from",
    patches: [
      {
        file: assignment,
        find: "if (message.from !== position) {",
        put: "if (message.from < 0) {",
      },
      {
        file: assignment,
        find: 'if (digest !== message.digest && message.kind === "delta") {',
        put: 'if (digest < 0 && message.kind === "delta") {',
      },
      {
        file: agent,
        find: "if (outcome.assignment.digest !== message.digest) {",
        put: "if (outcome.assignment.digest < 0) {",
      },
      {
        file: "master/nodes/courier.ts",
        find: "inSync = sameLog && known !== undefined && known.digest === message.digest;",
        put: "inSync = sameLog && known !== undefined;",
      },
    ],
  },
  {
    name: "older-orders-are-obeyed",
    about: "an assignment from before the present one is applied",
    patches: [
      {
        file: assignment,
        find: "if (to < position) return",
        put: "if (to < 0) return",
      },
    ],
  },
  {
    name: "no-grace",
    about: "a pod that is to stop is killed at once",
    patches: [
      {
        file: "node-agent/pods/decide.ts",
        find: "return Math.min(from, now) + graceSeconds * 1000;",
        put: "return Math.min(from, now);",
      },
    ],
  },
  {
    name: "stopped-before-the-endpoints-let-go",
    about: "SIGTERM goes out with the deletion, not after it",
    patches: [
      {
        file: "master/nodes/courier.ts",
        find: "if (deletion?.released) {",
        put: "if (deletion) {",
      },
      {
        file: "master/cluster/evolve-pods.ts",
        find: "...(shorter && { assigned: event.position }),",
        put: "...((shorter || before === undefined) && { assigned: event.position }),",
      },
    ],
  },
  {
    name: "report-is-sent-once",
    about: "a status report that is lost is not sent again",
    patches: [
      {
        file: "node-agent/status-reporter.ts",
        find: "this.#options.sendIn(resendMs);",
        put: "this.#options.sendIn(resendMs * 100_000);",
      },
    ],
  },
  {
    name: "adopted-container-is-started-again",
    about: "a restarted agent does not see what runs and starts it anew",
    patches: [
      {
        file: "node-agent/start-agent.ts",
        find: "if (known.has(pod)) return observer.look();",
        put: "if (known.size < 0) return observer.look();",
      },
    ],
  },
  {
    name: "nobody-is-told-that-it-was-superseded",
    about: "an agent whose name another has taken is not told so, and goes on with its old session",
    patches: [
      {
        file: "master/nodes/node-desk.ts",
        find: "told.set(node, now);",
        put: "if (now >= 0) return undefined;",
      },
    ],
  },
];
