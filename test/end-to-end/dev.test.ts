// `berth dev` where there is no Docker.

import { describeDev } from "./dev-scenario.ts";

describeDev({ runtime: "process", octet: 88, prepare: () => Promise.resolve() });
