import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import { type ContractProgram, describeRuntimeContract } from "../contract.ts";
import type { ContainerSpec } from "../runtime.ts";
import { SimulatedMachine } from "./machine.ts";
import type { SimulatedProgram } from "./program.ts";
import { createSimulatedRuntime } from "./simulated-runtime.ts";

/** The contract's programs travel in the command as JSON. */
function programOf(spec: ContainerSpec): SimulatedProgram {
  const program: ContractProgram = JSON.parse(spec.command[0] ?? "");
  switch (program.type) {
    case "exit":
      return { exitAfterMs: 1, exitCode: program.code };
    case "exit-on-term":
      return { stopExitCode: program.code };
    case "ignore-term":
      return { stopAfterMs: Number.POSITIVE_INFINITY };
    case "missing":
      return { missing: true };
    case "print":
      return {
        output: program.lines.map((text) => ({
          atMs: 0,
          stream: text.startsWith("!") ? "stderr" : "stdout",
          text,
        })),
        ...(program.thenExit === undefined ? {} : { exitAfterMs: 1, exitCode: program.thenExit }),
      };
    case "steady":
    case "shell":
      return {};
  }
}

const world = createSystemWorld(silentLogger);
const machine = new SimulatedMachine({ clock: world.clock, program: programOf });

describeRuntimeContract({
  name: "simulated",
  cluster: "contract",
  image: "any/image:1",
  real: false,
  command: (program) => ({ command: [JSON.stringify(program)], args: [] }),
  open: (node) => Promise.resolve(createSimulatedRuntime({ cluster: "contract", node, world, machine })),
  close: () => Promise.resolve(),
});
