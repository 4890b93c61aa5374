// Config maps, secrets and their surroundings on the process runtime.

import { describeConfigScenario } from "./config-scenario.ts";

describeConfigScenario({ runtime: "process", octet: 156, prepare: async () => "shell" });
