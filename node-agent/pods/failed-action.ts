// What becomes of a pod's state when an action failed: when it is tried again, and what may have happened all the same.
// Pure, a part of evolve.ts.

import { assertNever } from "../../protocol/mod.ts";
import { failedStart, isExited } from "./container-memory.ts";
import { type PodAction, type PodEvent, retryKey } from "./pod-action.ts";
import {
  allContainers,
  type ContainerMemory,
  type PodState,
  type Problem,
  withContainer,
} from "./pod-state.ts";
import { notProbed } from "./probe-outcome.ts";
import { backOff, type PodTiming } from "./timing.ts";

export function actionFailed(
  state: PodState,
  event: Extract<PodEvent, { type: "failed" }>,
  now: number,
  timing: PodTiming,
): PodState {
  const { action, code, message } = event;
  if (action.type === "start-container") return startFailed(state, { ...event, action }, now, timing);
  if (action.type === "probe") return notProbed(state, action, now);
  // What is gone already needs no removal.
  if (code === "NotFound" && action.type === "remove-container") {
    return { ...state, garbage: state.garbage.filter((id) => id !== action.id) };
  }
  const key = retryKey(action);
  const failures = (state.retries[key]?.failures ?? 0) + 1;
  const at = now + backOff(timing.retryInitialMs, timing.retryMaxMs, failures);
  const next = { ...state, retries: { ...state.retries, [key]: { failures, at, message } } };
  if (action.type !== "stop-container") return next;
  const memory = state.containers[action.container];
  if (!memory) return next;
  const { killing, ...rest } = memory;
  return withContainer(next, {
    ...rest,
    graceFrom: graceAfter(memory, code, (killing?.deadline ?? now) - action.graceMs),
  });
}

/** An engine that could not be reached took no signal; one that did not answer may have sent it when it was `asked`. */
function graceAfter(
  { graceFrom }: ContainerMemory,
  code: Extract<PodEvent, { type: "failed" }>["code"],
  asked: number,
): number | "next-try" {
  if (typeof graceFrom === "number") return graceFrom;
  return code === "Unavailable" ? "next-try" : asked;
}

function startFailed(
  state: PodState,
  event: Extract<PodEvent, { type: "failed" }> & { action: Extract<PodAction, { type: "start-container" }> },
  now: number,
  timing: PodTiming,
): PodState {
  const { action, code, message, asOf } = event;
  const memory = state.containers[action.container];
  if (!memory || code === "Aborted") return state;
  if (code === "RunContainerError") {
    const image = allContainers(state.pod).find(({ name }) => name === action.container)?.image ?? "";
    const { attempt, sandbox } = action;
    return withContainer(
      state,
      failedStart(memory, { pod: state.uid, attempt, sandbox, image, message, now, asOf }),
    );
  }
  const kind = problemKind(code);
  // It has begun, and ended, before the answer was lost: what follows from its end is no retry.
  const { current } = memory;
  if (kind === "runtime" && isExited(current) && current?.attempt === action.attempt) return state;
  const failures = memory.problem?.kind === kind ? memory.problem.failures + 1 : 1;
  const wait =
    kind === "runtime"
      ? backOff(timing.retryInitialMs, timing.retryMaxMs, failures)
      : backOff(timing.pullInitialMs, timing.pullMaxMs, failures);
  const problem: Problem = { kind, reason: code, message, failures, retryAt: now + wait };
  // No image and no configuration: nothing was made. An engine that did not answer may have started it.
  const doubt = kind === "runtime" ? { doubtSince: asOf } : {};
  return withContainer(state, { ...memory, problem, ...doubt });
}

function problemKind(code: Extract<PodEvent, { type: "failed" }>["code"]): Problem["kind"] {
  switch (code) {
    case "ErrImagePull":
    case "ErrImageNeverPull":
    case "InvalidImageName":
      return "image";
    case "CreateContainerConfigError":
    case "Unsupported":
    case "AlreadyExists":
      return "config";
    case "NotFound":
    case "RunContainerError":
    case "Unavailable":
    case "Timeout":
    case "Aborted":
    case "Internal":
      return "runtime";
    default:
      return assertNever(code, "failure code");
  }
}
