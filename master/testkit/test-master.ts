// A master for tests over any bus, on the address ranges that tests count on.

import type { Connection, World } from "../../actors/mod.ts";
import { logStreamName, logSubject, type Prefix } from "../../protocol/mod.ts";
import { type Master, type ReadSideChoice, startMaster } from "../start-master.ts";

export interface TestMasterOptions {
  readonly world: World;
  readonly connection: Pick<Connection, "bus" | "eventLog">;
  readonly prefix: Prefix;
  readonly id: string;
  readonly readSide?: ReadSideChoice;
}

export const startTestMaster = ({
  world,
  connection,
  prefix,
  id,
  readSide = { type: "none" },
}: TestMasterOptions): Promise<Master> =>
  startMaster({
    world,
    bus: connection.bus,
    log: connection.eventLog({ stream: logStreamName(prefix), subject: logSubject(prefix) }),
    prefix,
    id,
    version: "1.0.0",
    clusterConfig: { podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16" },
    readSide,
  });
