import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import { describeRuntimeContract, shellCommand } from "../contract.ts";
import { createProcessRuntime } from "./process-runtime.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-process-"));
const world = createSystemWorld(silentLogger);

describeRuntimeContract({
  name: "process",
  cluster: "contract",
  image: "any/image:1",
  real: true,
  command: shellCommand,
  open: (node) =>
    Promise.resolve(
      createProcessRuntime({ cluster: "contract", node, directory: join(directory, node), world }),
    ),
  close: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
});
