// Rules for what runs after a container's start and before its end.

import type { Container } from "./object.ts";
import type { Report } from "./report.ts";
import { validatePortOrName } from "./validate-scalars.ts";

type Handler = NonNullable<NonNullable<Container["lifecycle"]>["postStart"]>;
const handlerKinds = ["exec", "httpGet", "sleep", "tcpSocket"] as const;
/** Longest text that a container may leave about its end, for its path. */
const maxMessagePath = 4096;

export function validateLifecycle(container: Container, path: string, report: Report): void {
  const { lifecycle, terminationMessagePath } = container;
  for (const hook of ["postStart", "preStop"] as const) {
    const handler = lifecycle?.[hook];
    if (handler) validateHandler(handler, `${path}.lifecycle.${hook}`, report);
  }
  if (terminationMessagePath === undefined) return;
  const at = `${path}.terminationMessagePath`;
  if (!terminationMessagePath.startsWith("/")) report.add(at, "Invalid", "must begin with /");
  else if (/[:\0]/.test(terminationMessagePath) || terminationMessagePath.split("/").includes("..")) {
    report.add(at, "Invalid", "must not contain `:`, `..` or a zero byte");
  } else if (terminationMessagePath.length > maxMessagePath) {
    report.add(at, "TooLong", `must have at most ${maxMessagePath} characters`);
  }
}

function validateHandler(handler: Handler, path: string, report: Report): void {
  const found = handlerKinds.filter((kind) => handler[kind] !== undefined);
  if (found.length !== 1) {
    report.add(path, "Invalid", `must have exactly one of ${handlerKinds.join(", ")}, found ${found.length}`);
  }
  if (handler.exec && (handler.exec.command ?? []).length === 0) {
    report.add(`${path}.exec.command`, "Required", "is required");
  }
  if (handler.httpGet) validatePortOrName(handler.httpGet.port, `${path}.httpGet.port`, report);
  if (handler.sleep && handler.sleep.seconds < 0) {
    report.add(`${path}.sleep.seconds`, "Invalid", "must be at least 0");
  }
}
