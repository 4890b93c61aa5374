// What runs after a container's start and before its end. A hook that fails is told in words; nothing here decides.

import { type Container, assertNever } from "../../protocol/mod.ts";
import type { ContainerId } from "../runtime/runtime.ts";
import type { PodHost } from "./pod-host.ts";

export type Hook = NonNullable<NonNullable<Container["lifecycle"]>["postStart"]>;

export interface HookRun {
  readonly host: PodHost;
  readonly container: Container;
  readonly id: ContainerId;
  readonly podIp: string;
  /** The hook is given up after this. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Longest postStart: Kubernetes sets no limit, and a container would stay half started for ever. */
export const postStartTimeoutMs = 10 * 60_000;
/** What is left of the grace after a preStop that took all of it, as Kubernetes leaves it. */
export const leastGraceMs = 2_000;

/** Undefined when it went well, else why not. Rejects only when it could not be tried at all. */
export async function runHook(hook: Hook, run: HookRun): Promise<string | undefined> {
  const { host, container, id, podIp, timeoutMs, signal } = run;
  const kind = hookKind(hook);
  switch (kind) {
    case "sleep":
      await host.clock.sleep(Math.min(timeoutMs, (hook.sleep?.seconds ?? 0) * 1000), signal);
      return undefined;
    case "exec":
    case "httpGet":
    case "tcpSocket": {
      const { exec, httpGet, tcpSocket } = hook;
      const action = exec ? { exec } : httpGet ? { httpGet } : tcpSocket ? { tcpSocket } : {};
      const outcome = await host.prober.probe(action, { container, id, podIp, timeoutMs });
      return outcome.healthy ? undefined : outcome.message;
    }
    case "none":
      return undefined;
    default:
      return assertNever(kind, "hook");
  }
}

function hookKind({
  exec,
  httpGet,
  sleep,
  tcpSocket,
}: Hook): "exec" | "httpGet" | "tcpSocket" | "sleep" | "none" {
  if (exec) return "exec";
  if (httpGet) return "httpGet";
  if (tcpSocket) return "tcpSocket";
  return sleep ? "sleep" : "none";
}
