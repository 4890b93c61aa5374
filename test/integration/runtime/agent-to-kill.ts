// A process that drives containers and then waits to be killed: what an agent is to its containers.
// Arguments: directory, and the specs of the containers as JSON. Says each id, then "ready".

import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import { type ContainerSpec, createProcessRuntime } from "../../../node-agent/runtime/mod.ts";
import { testSandbox } from "../../../node-agent/testkit/runtime-fixture.ts";
import type { Uid } from "../../../protocol/mod.ts";

const [directory = "", specs = "[]"] = process.argv.slice(2);
const containers: readonly ContainerSpec[] = JSON.parse(specs);
const runtime = createProcessRuntime({
  cluster: "adoption",
  node: "one",
  directory,
  world: createSystemWorld(silentLogger),
});
const sandbox = await runtime.runSandbox(
  testSandbox({
    pod: { cluster: "adoption", node: "one", namespace: "default", name: "pod", uid: "pod-uid" as Uid },
    address: "127.0.78.1",
  }),
);
for (const spec of containers) {
  const id = await runtime.createContainer(sandbox.id, spec);
  await runtime.startContainer(id);
  process.stdout.write(`${id}\n`);
}
process.stdout.write("ready\n");
setInterval(() => undefined, 60_000);
