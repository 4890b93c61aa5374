// Identities under a lease on host processes: the guard ends process groups.

import { describeLeases } from "./lease-scenario.ts";

describeLeases({ runtime: "process", octet: 166 });
