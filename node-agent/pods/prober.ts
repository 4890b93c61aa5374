// Makes one probe: a command in the container, an HTTP request, a TCP connection, a gRPC health check. Counting is probes.ts's.

import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { Clock } from "../../actors/mod.ts";
import type { Container, Probe } from "../../protocol/mod.ts";
import { askGrpcHealth } from "./grpc-probe.ts";
import { type ContainerId, type ContainerRuntime, RuntimeError } from "../runtime/runtime.ts";

export interface ProbeTarget {
  readonly container: Container;
  readonly id: ContainerId;
  readonly podIp: string;
  readonly timeoutMs: number;
}
export interface ProbeOutcome {
  readonly healthy: boolean;
  readonly message: string;
}
export interface Prober {
  /** Rejects only when the probe itself could not be made: the runtime is away. */
  probe(probe: Probe, target: ProbeTarget): Promise<ProbeOutcome>;
}

const healthyOutcome: ProbeOutcome = { healthy: true, message: "" };
const unhealthy = (message: string): ProbeOutcome => ({ healthy: false, message });
const maxOutputWords = 1024;

export function networkProber(runtime: ContainerRuntime, clock: Clock): Prober {
  return {
    probe(probe, target) {
      if (probe.exec) return execProbe(runtime, probe.exec.command ?? [], target);
      if (probe.httpGet) return httpProbe(probe.httpGet, target, clock);
      if (probe.tcpSocket) return tcpProbe(probe.tcpSocket, target, clock);
      if (probe.grpc) return grpcProbe(probe.grpc, target, clock);
      return Promise.resolve(unhealthy(`probe type ${Object.keys(probe).join(", ")} is not supported`));
    },
  };
}

export async function execProbe(
  runtime: ContainerRuntime,
  command: readonly string[],
  { id, timeoutMs }: ProbeTarget,
): Promise<ProbeOutcome> {
  try {
    const { exitCode, output } = await runtime.execSync(id, command, timeoutMs);
    if (exitCode === 0) return healthyOutcome;
    return unhealthy(output.trim().slice(0, maxOutputWords) || `command exited with code ${exitCode}`);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    if (error.code === "Timeout") return unhealthy(`command timed out after ${timeoutMs / 1000}s`);
    if (error.code === "Unavailable") throw error;
    return unhealthy(error.message);
  }
}

function portOf(port: string | number, container: Container): number | undefined {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : undefined;
}

function httpProbe(
  action: NonNullable<Probe["httpGet"]>,
  target: ProbeTarget,
  clock: Clock,
): Promise<ProbeOutcome> {
  const port = portOf(action.port, target.container);
  if (port === undefined)
    return Promise.resolve(unhealthy(`port ${action.port} is no port of the container`));
  const headers: Record<string, string> = {
    "User-Agent": "berth-probe/1.0",
    Accept: "*/*",
    Connection: "close",
  };
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value;
  const path = action.path || "/";
  const options: RequestOptions = {
    host: action.host || target.podIp,
    port,
    path: path.startsWith("/") ? path : `/${path}`,
    headers,
    agent: false,
  };
  return within(clock, target.timeoutMs, (settle) => {
    const secure = action.scheme === "HTTPS";
    // As the kubelet: a probe asks whether it answers, not who signed its certificate.
    const request = secure ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    request.on("response", (response) => {
      const status = response.statusCode ?? 0;
      response.on("error", () => {}).resume();
      const good = status >= 200 && status < 400;
      settle(good ? healthyOutcome : unhealthy(`HTTP probe failed with statuscode: ${status}`));
    });
    request.on("error", (error) => settle(unhealthy(error.message)));
    request.end();
    return () => request.destroy();
  });
}

function tcpProbe(
  action: NonNullable<Probe["tcpSocket"]>,
  target: ProbeTarget,
  clock: Clock,
): Promise<ProbeOutcome> {
  const port = portOf(action.port, target.container);
  if (port === undefined)
    return Promise.resolve(unhealthy(`port ${action.port} is no port of the container`));
  return within(clock, target.timeoutMs, (settle) => {
    const socket = connect({ host: action.host || target.podIp, port });
    socket.on("connect", () => settle(healthyOutcome));
    socket.on("error", (error) => settle(unhealthy(error.message)));
    return () => socket.destroy();
  });
}

const grpcProbe = (
  { port, service = "" }: NonNullable<Probe["grpc"]>,
  { podIp, timeoutMs }: ProbeTarget,
  clock: Clock,
): Promise<ProbeOutcome> =>
  within(clock, timeoutMs, (settle) =>
    askGrpcHealth({ host: podIp, port, service }, (problem) =>
      settle(problem === undefined ? healthyOutcome : unhealthy(problem)),
    ),
  );

/** Runs until settled or timed out, then releases what `begin` opened. */
function within(
  clock: Clock,
  timeoutMs: number,
  begin: (settle: (outcome: ProbeOutcome) => void) => () => void,
): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    let release = (): void => {};
    let settled = false;
    const settle = (outcome: ProbeOutcome): void => {
      if (settled) return;
      settled = true;
      cancel();
      resolve(outcome);
      release();
    };
    const cancel = clock.after(timeoutMs, () => settle(unhealthy(`timed out after ${timeoutMs / 1000}s`)));
    try {
      release = begin(settle);
      if (settled) release();
    } catch (error) {
      // A header or path that Node refuses to send.
      settle(unhealthy(error instanceof Error ? error.message : String(error)));
    }
  });
}
