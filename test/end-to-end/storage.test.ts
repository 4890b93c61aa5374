// Storage on the process runtime.

import { describeStorageScenario } from "./storage-scenario.ts";

describeStorageScenario({ runtime: "process", octet: 166, prepare: async () => "shell" });
