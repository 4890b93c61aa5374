// Mistakes of the controllers of Jobs and CronJobs, and about config maps and secrets.

import type { Defect } from "./defect.ts";

const jobPods = "master/controllers/job-pods.ts";
const jobCounting = "master/controllers/job-counting.ts";
const cronJob = "master/controllers/cron-job.ts";

export const batchDefects: readonly Defect[] = [
  {
    name: "completions-counted-twice",
    about: "a pod that has succeeded is counted again as long as it is there",
    patches: [
      {
        file: jobCounting,
        find: "succeeded: (status.succeeded ?? 0) + good.length };",
        put: "succeeded: (status.succeeded ?? 0) + good.length * 2 };",
      },
    ],
  },
  {
    name: "too-many-workers",
    about: "a job's pods that have no node yet are not counted when new ones are made",
    patches: [
      {
        file: jobPods,
        find: "const missing = Math.min(wanted - active.length - leaving.length, maxPodsPerCommand);",
        put: "const missing = Math.min(wanted - active.filter(({ node }) => node !== undefined).length - leaving.length, maxPodsPerCommand);",
      },
    ],
  },
  {
    name: "index-is-done-twice",
    about: "an index that has succeeded is given out again",
    patches: [
      {
        file: jobPods,
        find: "for (let index = 0; index < completions && members.length < missing; index++) {\n    if (!taken.has(index)) ",
        put: "for (let index = 0; index < completions && members.length < missing; index++) {\n    if (taken.size >= 0) ",
      },
    ],
  },
  {
    name: "one-failure-too-many",
    about: "a job goes on when its back-off limit is exceeded",
    patches: [
      {
        file: "master/controllers/job-status.ts",
        find: "(status.failed ?? 0) > limit;",
        put: "(status.failed ?? 0) > limit + 1;",
      },
    ],
  },
  {
    name: "suspended-job-works",
    about: "a job that is suspended keeps its pods at work",
    patches: [
      {
        file: "master/controllers/job.ts",
        find: "const commands = spec.suspend\n",
        put: "const commands = spec.suspend && pods.length > 99\n",
      },
    ],
  },
  {
    name: "forbidden-run-starts",
    about: "a cron job that forbids it runs beside its last run",
    patches: [
      {
        file: cronJob,
        find: 'if (concurrencyPolicy === "Forbid" && active.length > 0) {',
        put: 'if (concurrencyPolicy === "Forbid" && active.length > 99) {',
      },
    ],
  },
  {
    name: "late-run-starts",
    about: "a run is started after its starting deadline",
    patches: [
      {
        file: cronJob,
        find: "if (seconds !== undefined && due + seconds * 1000 < now) {",
        put: "if (seconds !== undefined && due < 0) {",
      },
    ],
  },
  {
    name: "former-config-is-used",
    about: "a node that has an older version of a config map gives that to a new pod",
    patches: [
      {
        file: "node-agent/configs/config-store.ts",
        find: "known && known.position >= position ? known :",
        put: "known && known.position >= 0 ? known :",
      },
    ],
  },
  {
    name: "secret-travels-in-clear",
    about: "a node gets the values of a secret as they are",
    patches: [
      {
        file: "master/nodes/config-content.ts",
        find: "if (!values.ok) return values;\n  const context",
        put: "if (!values.ok) return values;\n  if (values.ok) return success({ position, data: values.value });\n  const context",
      },
    ],
  },
];
