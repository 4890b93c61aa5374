// Config maps, secrets and their surroundings on Docker, on a host of its own.

import Docker from "dockerode";
import { importBusybox } from "../support/images.ts";
import { describeConfigScenario } from "./config-scenario.ts";

describeConfigScenario({ runtime: "docker", octet: 158, prepare: () => importBusybox(new Docker()) });
