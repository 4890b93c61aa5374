// Mistakes of the leader and of the read side: speaking too early, forgetting, stale answers.

import type { Defect } from "./defect.ts";

export const masterDefects: readonly Defect[] = [
  {
    name: "reply-before-the-commit",
    about: "what rests on a commit is said before the log has it",
    patches: [
      {
        file: "master/outbox.ts",
        find: "if (position > accepted) break;",
        put: "if (position < 0 || accepted < 0) break;",
      },
    ],
  },
  {
    name: "retried-command-is-new",
    about: "a command that is sent again takes effect again",
    patches: [
      {
        file: "master/cluster/decide.ts",
        find: "const known = id === undefined ? undefined : state.commandResult(id);",
        put: "const known = id === undefined ? undefined : state.commandResult(`${id}-` as typeof id);",
      },
    ],
  },
  {
    name: "time-goes-back",
    about: "a new leader's events are dated by its own clock alone",
    patches: [
      {
        file: "master/cluster/deciding.ts",
        find: "const now = Math.max(context.now, state.at);",
        put: "const now = context.now - 40 * (Math.floor(context.now) % 3);",
      },
    ],
  },
  {
    name: "stale-read",
    about: "a new leader answers reads before it has asked how far the log is accepted",
    patches: [
      {
        file: "master/reads/questions.ts",
        find: "if (stale) return success(true);",
        put: "if (stale || true) return success(true);",
      },
    ],
  },
  {
    name: "watch-drops-a-change",
    about: "a change that comes while others wait is lost, and the numbers do not show it",
    patches: [
      {
        file: "master/reads/watch-session.ts",
        find: "this.#queue.push(item);\n    this.#send();",
        put: 'if (this.#queue.length < 3 || item.type === "BOOKMARK") this.#queue.push(item);\n    this.#send();',
      },
    ],
  },
  {
    name: "resumed-watch-forgets-deletions",
    about: "what went while a watch was away is not told",
    patches: [
      {
        file: "master/reads/missed-changes.ts",
        find: "const object = gone.get(ref.uid);",
        put: 'const object = ref.kind === "" ? gone.get(ref.uid) : undefined;',
      },
    ],
  },
  {
    name: "lost-assignment-stays-lost",
    about: "nobody compares what an agent has with what it should have",
    patches: [
      {
        file: "master/nodes/courier.ts",
        find: "return differs || now - sent.at > catchUpMs;",
        put: "return differs && sent.at < 0;",
      },
      {
        file: "master/nodes/courier.ts",
        find: "message.digest === digest) {",
        put: "message.digest >= 0) {",
      },
    ],
  },
  {
    name: "skipped-acknowledgement",
    about: "a status report is confirmed although nothing of it was decided",
    patches: [
      {
        file: "master/nodes/node-desk.ts",
        find: "for (const pod of pods) report.pods.set(pod.uid, pod);",
        put: "for (const pod of pods) if (number % 4 !== 3) report.pods.set(pod.uid, pod);",
      },
    ],
  },
  {
    name: "lost-timer",
    about: "nothing wakes a pod that waits for its endpoints to be let go of",
    patches: [
      {
        file: "master/controllers/termination.ts",
        find: "if (serving && !waited) return [];",
        put: "if (serving) return [];",
      },
      {
        file: "master/nodes/endpoints-publisher.ts",
        find: "if (before === undefined || position > before) acknowledgements",
        put: "if (before === undefined) acknowledgements",
      },
    ],
  },
  {
    name: "one-replica-too-many",
    about: "pods on their way out are counted when new ones are made, and then not",
    patches: [
      {
        file: "master/controllers/replication.ts",
        find: "const missing = spec.replicas - pods.length;",
        put: "const missing = spec.replicas - pods.filter((pod) => pod.node !== undefined).length;",
      },
    ],
  },
  {
    name: "not-ready-stays-in-endpoints",
    about: "a pod that is not ready any more is still led to",
    patches: [
      {
        file: "master/controllers/endpoints.ts",
        find: "if (!pod.deletion && !isFinished(pod)) yield pod;",
        put: "if (!isFinished(pod)) yield pod;",
      },
    ],
  },
  {
    name: "phase-goes-back",
    about: "a container that starts again makes its pod Pending",
    patches: [
      {
        file: "master/cluster/decide-reports.ts",
        find: 'const phase = before.phase === "Running" && next.phase === "Pending" ? "Running" : next.phase;',
        put: "const phase = before.phase === undefined ? before.phase : next.phase;",
      },
    ],
  },
];
