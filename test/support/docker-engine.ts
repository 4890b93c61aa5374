// The Docker engine that tests use, if there is one: DOCKER_HOST or the usual socket.

import Dockerode from "dockerode";
import { type EngineAddress, probeDocker } from "../../node-agent/runtime/mod.ts";

export const engineAddress: EngineAddress = process.env["DOCKER_HOST"]
  ? { host: process.env["DOCKER_HOST"] }
  : {};

/** Undefined when an engine answers, else why tests that need one are skipped. Where CI is set it must be there. */
export async function whyNoEngine(): Promise<string | undefined> {
  const probe = await probeDocker(engineAddress);
  if (probe.ok) return undefined;
  if (process.env["CI"]) throw new Error(`CI needs a Docker engine: ${probe.error.message}`);
  return probe.error.message;
}

/** A plain client, to look at the engine from outside. */
export function connect(): Dockerode {
  const { host } = engineAddress;
  return host?.startsWith("unix://")
    ? new Dockerode({ socketPath: host.slice("unix://".length) })
    : new Dockerode();
}
