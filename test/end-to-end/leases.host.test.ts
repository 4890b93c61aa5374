// Identities under a lease on Docker, on a host of its own: the guard asks the engine by itself.

import Docker from "dockerode";
import { importNode } from "../support/images.ts";
import { describeLeases } from "./lease-scenario.ts";

const docker = new Docker();

describeLeases({
  runtime: "docker",
  octet: 176,
  prepare: async () => void (await importNode(docker, "node:24-alpine")),
});
