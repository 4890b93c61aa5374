// `berth dev` on Docker, on a host of its own.

import Docker from "dockerode";
import { importNode } from "../support/images.ts";
import { describeDev } from "./dev-scenario.ts";

describeDev({
  runtime: "docker",
  octet: 90,
  prepare: async () => {
    await importNode(new Docker(), "node:24-alpine");
  },
});
