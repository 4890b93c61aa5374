// The scenario on Docker, on a host of its own.

import { execFileSync } from "node:child_process";
import Docker from "dockerode";
import { importNode } from "../support/images.ts";
import { describeScenario } from "./scenario.ts";

const docker = (...args: string[]): string => execFileSync("docker", args).toString().trim();

describeScenario({
  runtime: "docker",
  octet: 74,
  prepare: async () => {
    await importNode(new Docker(), "node:24-alpine");
  },
  killContainer: async (containerId) => {
    docker("kill", "--signal", "KILL", containerId.replace(/^\w+:\/\//, ""));
  },
  running: async ({ cluster }) => {
    const filters = [
      "--filter",
      `label=io.berth.cluster=${cluster}`,
      "--filter",
      "label=io.berth.kind=container",
    ];
    const ids = docker("ps", "--quiet", "--no-trunc", ...filters)
      .split("\n")
      .filter(Boolean);
    if (ids.length === 0) return [];
    return docker("inspect", "--format", "{{.Id}} {{.State.Pid}} {{.State.StartedAt}}", ...ids)
      .split("\n")
      .sort();
  },
});
