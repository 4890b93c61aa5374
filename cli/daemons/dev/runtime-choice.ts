// Docker or processes? Docker if an engine answers and has, or can get, the images that will be needed.

import { createLogger, createSystemWorld } from "../../../actors/mod.ts";
import { createDockerRuntime, probeDocker } from "../../../node-agent/mod.ts";

export interface RuntimeChoice {
  readonly name: "docker" | "process";
  /** For people: why this one. */
  readonly why: string;
  readonly dockerHost?: string;
}

export interface ChoiceOptions {
  readonly asked: "docker" | "process" | undefined;
  readonly dockerHost: string | undefined;
  readonly images: readonly string[];
  readonly report: (line: string) => void;
}

/** Throws when Docker was asked for and cannot be had; else falls back to processes and says why. */
export async function chooseRuntime(options: ChoiceOptions): Promise<RuntimeChoice> {
  if (options.asked === "process") return { name: "process", why: "asked for" };
  const host = options.dockerHost;
  const problem = await dockerProblem(options);
  if (problem === undefined) {
    return {
      name: "docker",
      why: "an engine answers and has the images",
      ...(host !== undefined && { dockerHost: host }),
    };
  }
  if (options.asked === "docker") throw new Error(`--runtime docker: ${problem}`);
  return { name: "process", why: problem };
}

async function dockerProblem({ dockerHost, images, report }: ChoiceOptions): Promise<string | undefined> {
  const engine = await probeDocker(dockerHost === undefined ? {} : { host: dockerHost });
  if (!engine.ok) return `Docker is not reachable (${engine.error.message})`;
  const world = createSystemWorld(createLogger({ level: "silent" }));
  const runtime = createDockerRuntime({
    cluster: "berth-probe",
    node: "probe",
    world,
    ...(dockerHost !== undefined && { host: dockerHost }),
  });
  try {
    for (const image of images) {
      if (await runtime.imagePresent(image)) continue;
      report(`pulling ${image}`);
      await runtime.pullImage(image);
    }
    return undefined;
  } catch (error) {
    return `Docker has no image that is needed (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    await runtime.close();
  }
}
