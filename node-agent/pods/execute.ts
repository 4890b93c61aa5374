// Does one action of a pod in the world. Decides nothing: what comes of it goes back to the state machine.

import { assertNever } from "../../protocol/mod.ts";
import { RuntimeError, type RuntimeErrorCode } from "../runtime/runtime.ts";
import { endMessage } from "./container-end.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { memoryOf } from "./lifecycle.ts";
import type { ActionFailureCode, ActionResult, PodAction } from "./pod-action.ts";
import { probeOf, probeSettings } from "./probes.ts";
import { sandboxSpec } from "./sandbox-spec.ts";
import { prepareVolumes, specOf, startContainer } from "./start-container.ts";
import { stopContainer } from "./stop-container.ts";
import { overLimit } from "./storage-limits.ts";

const nothing: ActionResult = { type: "none" };

export async function execute(action: PodAction, context: ExecutionContext): Promise<ActionResult> {
  const { host, state } = context;
  const { runtime } = host;
  switch (action.type) {
    case "prepare-volumes":
      await prepareVolumes(context);
      return nothing;
    case "run-sandbox": {
      const spec = await sandboxSpec(context, action.attempt);
      return { type: "sandbox", sandbox: await host.starts.run(() => runtime.runSandbox(spec)) };
    }
    case "stop-sandbox":
      await runtime.stopSandbox(action.id);
      return nothing;
    case "remove-sandbox":
      await ignoreMissing(runtime.removeSandbox(action.id));
      return nothing;
    case "start-container":
      return startContainer(action, context);
    case "stop-container":
      return stopContainer(action, context);
    case "remove-container":
      await runtime.removeContainer(action.id);
      return nothing;
    case "probe":
      return probeContainer(action, context);
    case "read-end":
      return { type: "end", message: await endMessage(host, specOf(context, action.container), action.info) };
    case "measure-volumes":
      return { type: "measured", problem: await overLimit(host, state) };
    case "drop-volumes":
      await host.volumes.dropVolumes(state.uid);
      return nothing;
    case "clean-up":
      await removeRest(context);
      await host.volumes.cleanUp(state.uid);
      host.addresses?.release(state.uid);
      host.forget(state.uid);
      return nothing;
    default:
      return assertNever(action, "pod action");
  }
}

/** A start that failed half-way leaves things whose ids nobody was told. */
async function removeRest({ host, state }: ExecutionContext): Promise<void> {
  const { runtime } = host;
  const { uid } = state;
  const [sandboxes, containers] = await Promise.all([
    runtime.listSandboxes(uid),
    runtime.listContainers(uid),
  ]);
  for (const { id } of containers) await ignoreMissing(runtime.removeContainer(id));
  for (const { id } of sandboxes) await ignoreMissing(runtime.removeSandbox(id));
}
async function ignoreMissing(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof RuntimeError) || error.code !== "NotFound") throw error;
  });
}

async function probeContainer(
  action: Extract<PodAction, { type: "probe" }>,
  context: ExecutionContext,
): Promise<ActionResult> {
  const { host, state } = context;
  const container = specOf(context, action.container);
  const probe = probeOf(container, action.kind);
  if (!probe || !memoryOf(state, action.container)) return nothing;
  const { timeoutMs } = probeSettings(probe, action.kind);
  const outcome = await host.prober.probe(probe, {
    container,
    id: action.id,
    podIp: state.sandbox.ip,
    timeoutMs,
  });
  return { type: "probe", ...outcome };
}

/** What the state machine is told of an error. */
export function failureOf(error: Error): { readonly code: ActionFailureCode; readonly message: string } {
  const { message } = error;
  if (error.name === "AbortError") return { code: "Aborted", message };
  if (error instanceof RuntimeError) return { code: error.code satisfies RuntimeErrorCode, message };
  return { code: "Internal", message };
}
