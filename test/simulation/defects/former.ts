// Mistakes that the product had until the simulation found them: their repairs, undone.

import type { Defect } from "./defect.ts";

export const formerDefects: readonly Defect[] = [
  {
    name: "release-without-a-cause",
    about: "the leave to stop a pod that agents acknowledged named no cause",
    patches: [
      {
        file: "master/nodes/node-desk.ts",
        find: "const cause = deletion?.left;",
        put: "const cause = deletion ? undefined : deletion;",
      },
    ],
  },
  {
    name: "old-session-is-never-told",
    about:
      "an agent was not told that its session was superseded when the newer one had never spoken to this leader",
    patches: [
      {
        file: "master/nodes/node-desk.ts",
        find: " && !isAbandoned(node, now)",
        put: "",
      },
    ],
  },
  {
    name: "finished-pod-keeps-its-host-port",
    about: "the scheduler refused nodes for the host ports of pods that had ended",
    patches: [
      {
        file: "master/scheduler/filters/host-ports.ts",
        find: "if (!isFinished(other) && other.hostPorts.some(wants)) return true;",
        put: "if (other.hostPorts.some(wants) || isFinished(other) === undefined) return true;",
      },
    ],
  },
  {
    name: "watch-misses-a-deletion-as-it-opens",
    about: "what went while a resumed watch read the last forms of what had gone was not told",
    patches: [
      {
        file: "master/reads/watch-hub.ts",
        find: "more = unread.value.length > 0;",
        put: "more = false;",
      },
    ],
  },
  {
    name: "resumed-watch-modifies-the-unknown",
    about: "a watch that was resumed in the middle of a commit told MODIFIED of what it had never added",
    patches: [
      {
        file: "client/watch.ts",
        find: 'return type === "DELETED" ? undefined : "ADDED";',
        put: "return type;",
      },
    ],
  },
  {
    name: "read-fails-with-the-connection",
    about: "a read that lost its connection was answered as an internal error",
    patches: [
      {
        file: "master/reads/read-side.ts",
        find: "if (error instanceof BusError) {",
        put: "if (error === message) {",
      },
    ],
  },
  {
    name: "deposed-leader-answers-reads",
    about:
      "a leader that had been deposed and had not read so yet answered reads with less than was acknowledged",
    patches: [
      {
        file: "master/reads/questions.ts",
        find: "if (!(await fold.reachesSequence(sequence, reachTimeoutMs))) return",
        put: "if (!(await fold.reachesSequence(sequence * 0, reachTimeoutMs))) return",
      },
    ],
  },
  {
    name: "doubtful-start-is-killed",
    about: "a pod that was to stop while a start got no answer was removed with its container running",
    patches: [
      {
        file: "node-agent/pods/decide.ts",
        find: "doubtSince !== undefined);",
        put: "doubtSince === -1);",
      },
    ],
  },
  {
    name: "leftovers-are-looked-for-once",
    about: "what an engine made late for a former agent, after the sweep, stayed for ever",
    patches: [
      {
        file: "node-agent/sweeper.ts",
        find: "error ? retryMs : everyMs,",
        put: "error ? retryMs : everyMs * 1_000,",
      },
    ],
  },
  {
    name: "a-shorter-log-looks-whole",
    about:
      "a master whose log had lost its tail ended, and took the shorter one for whole when it was started again",
    patches: [
      {
        file: "master/reads/accepted-fold.ts",
        find: "if (isLost) this.#halt(error.message);",
        put: "if (!isLost) this.#halt(error.message);",
      },
    ],
  },
  {
    name: "unknown-event-ends-masters",
    about: "reads folded events that a newer master had written",
    patches: [
      {
        file: "master/reads/accepted-fold.ts",
        find: "if (unknown) return this.#halt(whyUnknown(unknown));",
        put: "",
      },
    ],
  },
  {
    name: "former-min-ready-seconds-stay",
    about:
      "a replica set that was found again kept the minReadySeconds that its deployment no longer had, and the rollout stood still",
    patches: [
      {
        file: "master/controllers/deployment-revision.ts",
        find: "const { minReadySeconds: _former, ...ownSpec } = before.spec",
        put: "const { ...ownSpec } = before.spec",
      },
    ],
  },
  {
    name: "grace-runs-while-the-engine-is-down",
    about: "time in which the engine took no signal counted as a pod's grace",
    patches: [
      {
        file: "node-agent/pods/decide.ts",
        find: 'graceFrom === "next-try" ? now :',
        put: 'graceFrom === "next-try" ? since :',
      },
    ],
  },
  {
    name: "older-record-starts-ended-identities",
    about: "an agent without a leader started identities by a record that was older than their end",
    patches: [
      {
        file: "node-agent/pods/decide.ts",
        find: "return sandbox.attempt < 0 && isIdentity(",
        put: "return sandbox.attempt < -1 && isIdentity(",
      },
    ],
  },
  {
    name: "look-of-the-same-moment-counts",
    about: "a look that began as a sandbox was ready, and did not show it, had its container stopped",
    patches: [
      {
        file: "node-agent/pods/evolve.ts",
        find: "if (asOf <= sandbox.asOf ||",
        put: "if (asOf < sandbox.asOf ||",
      },
    ],
  },
  {
    name: "replaced-pod-is-not-counted",
    about:
      "a deployment went on telling of one pod less when its replica set had replaced one in the same turn",
    patches: [
      {
        file: "master/cluster/concerns.ts",
        find: "for (const row of [before, after])\n      if (row?.owner !== undefined) markDeploymentOf",
        put: "for (const row of [after ? undefined : before])\n      if (row?.owner !== undefined) markDeploymentOf",
      },
    ],
  },
  {
    name: "former-one-ends-with-its-successor",
    about:
      "a watch told the end of an object just before another of its name began, behind what had ended later; resumed in between, it never told it",
    patches: [
      {
        file: "master/reads/object-changes.ts",
        find: "if (endsIt(event, key)) known.ended ??= event.position;",
        put: "",
      },
    ],
  },
  {
    name: "daemon-takes-what-was-promised",
    about: "a daemon set took the room for which its own pod had just made way, again and again",
    patches: [
      {
        file: "master/cluster/decide-daemon-pods.ts",
        find: "!isPromised(state, node) &&",
        put: "(isPromised(state, node) || true) &&",
      },
    ],
  },
  {
    name: "late-sandbox-takes-over",
    about: "a sandbox that an engine made late for a former agent took the place of the one in use",
    patches: [
      {
        file: "node-agent/pods/evolve.ts",
        find: "return ready.find(({ id }) => id === known) ?? ready.find(isUsed) ?? newestFirst[0];",
        put: "return newestFirst[0];",
      },
    ],
  },
  {
    name: "one-revision-for-two-sets",
    about: "a stateful set waited for ever for the name of its revision, which a daemon set of its name had",
    patches: [
      {
        file: "master/controllers/controller-revisions.ts",
        find: "if (controller !== undefined && controller !== ref.uid) continue;",
        put: "if (controller !== undefined && controller !== ref.uid) return { update: name, collisions };",
      },
    ],
  },
  {
    name: "ended-pods-keep-the-disk",
    about:
      "what an evicted pod had written stayed on the full disk, and one pod after the other went in vain",
    patches: [
      {
        file: "node-agent/pods/evolve.ts",
        find: "(isAlive(state) || anyRunning(state) ? [] : lastContainers(state))",
        put: "(isAlive(state) || state.uid ? [] : lastContainers(state))",
      },
    ],
  },
  {
    name: "older-record-forgets-an-end",
    about:
      "an agent whose full disk had kept nothing of a pod's end started it again, and did not believe the log",
    patches: [
      {
        file: "node-agent/pods/evolve.ts",
        find: "const next = endedInTheLog(wantPod(state, event), event.pod);",
        put: "const next = wantPod(state, event);",
      },
    ],
  },
  {
    name: "lost-answer-skips-the-back-off",
    about:
      "a container whose start got no answer, and which ended, was started again as after a failed start",
    patches: [
      {
        file: "node-agent/pods/container-memory.ts",
        find: 'if (info.state === "exited") return ended(running, info, timing);',
        put: 'if (info.state === "exited") return ended(next, info, timing);',
      },
    ],
  },
  {
    name: "former-kill-stops-probes",
    about:
      "a container whose start got no answer was taken for the one before it, which was being killed: nobody probed it",
    patches: [
      {
        file: "node-agent/pods/container-memory.ts",
        find: "...(isNew ? successor : memory),",
        put: "...memory,",
      },
    ],
  },
  {
    name: "ended-pods-are-waited-for",
    about:
      "a stateful set that was scaled down waited for ever when two of the pods to go had ended, one for the other to get well",
    patches: [
      {
        file: "master/controllers/stateful-set-steps.ts",
        find: "condemned.filter((pod) => isFinished(pod) && !pod.deletion)",
        put: "condemned.filter(() => condemned.length < 0)",
      },
    ],
  },
  {
    name: "late-attempt-is-not-counted",
    about:
      "a container that a former agent had begun to make came late and was not counted as a restart: after its end it was started again at once",
    patches: [
      {
        file: "node-agent/pods/container-memory.ts",
        find: "crashes: crashesWith(memory, isNew),",
        put: 'crashes: crashesWith(memory, isNew && info.state !== "created"),',
      },
    ],
  },
  {
    name: "running-pod-is-refused",
    about: "an agent that had lost its record refused a pod that ran on its full host, and stopped it",
    patches: [
      {
        file: "node-agent/pods/evolve.ts",
        find: "return admitted(observed, event.containers.length === 0);",
        put: "return admitted(observed, true);",
      },
    ],
  },
];
