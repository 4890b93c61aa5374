// The whole agent on processes.

import { createProcessRuntime } from "../../../node-agent/mod.ts";
import { describeWholeAgent, wholeAgent } from "./whole-agent.ts";

describeWholeAgent({
  name: "process",
  image: "any",
  open: (directory) => createProcessRuntime({ ...wholeAgent, directory }),
});
