import { describe, it } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import { describeRuntimeContract, shellCommand } from "../../../node-agent/runtime/contract.ts";
import { createDockerRuntime } from "../../../node-agent/runtime/mod.ts";
import { connect, engineAddress, whyNoEngine } from "../../support/docker-engine.ts";
import { importBusybox } from "../../support/images.ts";

const missing = await whyNoEngine();

if (missing) {
  describe.skip(`docker runtime (${missing})`, () => {
    it("needs an engine", () => undefined);
  });
} else {
  const cluster = `contract-${process.pid}`;
  const world = createSystemWorld(silentLogger);
  describeRuntimeContract({
    name: "docker",
    cluster,
    image: await importBusybox(connect()),
    real: true,
    command: shellCommand,
    open: (node) => Promise.resolve(createDockerRuntime({ cluster, node, world, ...engineAddress })),
    close: () => Promise.resolve(),
  });
}
