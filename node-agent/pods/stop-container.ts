// Stops one container: its preStop first, within the grace, then the signal with what is left of it.

import { RuntimeError } from "../runtime/runtime.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { leastGraceMs, runHook } from "./hooks.ts";
import type { ActionResult, PodAction } from "./pod-action.ts";
import { specOf } from "./start-container.ts";

type Stop = Extract<PodAction, { type: "stop-container" }>;

export async function stopContainer(action: Stop, context: ExecutionContext): Promise<ActionResult> {
  const { runtime } = context.host;
  const graceMs = action.graceMs > 0 ? await beforeStop(action, context) : 0;
  await runtime.stopContainer(action.id, graceMs);
  const info = await runtime.inspectContainer(action.id);
  if (info?.state === "running")
    throw new RuntimeError("Timeout", `container ${action.container} did not stop`);
  return info ? { type: "container", info } : { type: "none" };
}

/** What is left of the grace. A hook that fails or takes too long does not keep its container from stopping. */
async function beforeStop(action: Stop, context: ExecutionContext): Promise<number> {
  const { host, state, stopping } = context;
  const { id, graceMs } = action;
  const container = specOf(context, action.container);
  const hook = container.lifecycle?.preStop;
  if (!hook) return graceMs;
  const begun = host.clock.monotonic();
  // A second stop with a shorter grace joins the hook that runs: it never runs twice.
  let running = stopping.get(id);
  if (!running) {
    const run = { host, container, id, podIp: state.sandbox.ip, timeoutMs: graceMs };
    running = runHook(hook, run).then(
      (problem) => {
        if (problem !== undefined) warn(problem);
      },
      (error: unknown) => warn(String(error)),
    );
    stopping.set(id, running);
  }
  const timeout = Promise.withResolvers<void>();
  const cancel = host.clock.after(graceMs, () => timeout.resolve());
  await Promise.race([running, timeout.promise]);
  cancel();
  return Math.max(leastGraceMs, graceMs - (host.clock.monotonic() - begun));

  function warn(problem: string): void {
    host.logger.warn({ pod: state.uid, container: container.name, problem }, "a preStop hook failed");
  }
}
