// The whole agent on Docker.

import { createDockerRuntime } from "../../../node-agent/mod.ts";
import { connect, engineAddress } from "../../support/docker-engine.ts";
import { importBusybox } from "../../support/images.ts";
import { describeWholeAgent, wholeAgent } from "./whole-agent.ts";

describeWholeAgent({
  name: "docker",
  image: await importBusybox(connect()),
  open: () => createDockerRuntime({ ...wholeAgent, ...engineAddress }),
});
