import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, createSystemWorld } from "../../../actors/mod.ts";
import { describeRuntimeContract, shellCommand } from "../contract.ts";
import { createProcessRuntime } from "./process-runtime.ts";

describeRuntimeContract("process", () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-process-"));
  const world = createSystemWorld(createLogger({ level: "silent" }));
  return Promise.resolve({
    cluster: "contract",
    open: (node) =>
      Promise.resolve(
        createProcessRuntime({ cluster: "contract", node, directory: join(directory, node), world }),
      ),
    image: "any/image:1",
    command: shellCommand,
    real: true,
    close: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
  });
});
