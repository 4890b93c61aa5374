// The scenario on the process runtime: no Docker, no root.

import { readdir, readFile } from "node:fs/promises";
import type { TestCluster } from "../support/cluster.ts";
import { describeScenario } from "./scenario.ts";

interface Running {
  readonly pid: number;
  /** `<cluster>/<node>/<container id>` */
  readonly container: string;
  readonly identity: string;
}

/** Main processes of containers: those that carry the driver's mark and are not its shell wrapper. */
async function containerProcesses(): Promise<Running[]> {
  const found: Running[] = [];
  for (const name of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const environment = (await readFile(`/proc/${name}/environ`, "utf8").catch(() => "")).split("\0");
    const container = environment.find((line) => line.startsWith("BERTH_CONTAINER="))?.slice(16);
    if (!container) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, program = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    if (program === "sh" || program === "dash") continue;
    found.push({ pid: Number(name), container, identity: `${container} ${name} ${rest.split(" ")[19]}` });
  }
  return found;
}

describeScenario({
  runtime: "process",
  octet: 72,
  prepare: async () => undefined,
  killContainer: async (containerId) => {
    const id = containerId.replace(/^\w+:\/\//, "");
    for (const { pid, container } of await containerProcesses()) {
      if (container.endsWith(`/${id}`)) process.kill(pid, "SIGKILL");
    }
  },
  running: async ({ cluster }: TestCluster) =>
    (await containerProcesses())
      .filter(({ container }) => container.startsWith(`${cluster}/`))
      .map(({ identity }) => identity)
      .sort(),
});
