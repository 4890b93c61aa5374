// What a container said about its end: the file at its terminationMessagePath, or the last lines of its log.

import type { Container } from "../../protocol/mod.ts";
import type { ContainerStatusInfo } from "../runtime/runtime.ts";
import type { PodHost } from "./pod-host.ts";

/** Of the log, with FallbackToLogsOnError (Kubernetes: the last 2048 bytes or 80 lines, whichever is smaller). */
const fallbackLines = 80;
const fallbackBytes = 2048;

export async function endMessage(
  host: PodHost,
  container: Container,
  { pod, id, attempt, exitCode }: ContainerStatusInfo,
): Promise<string> {
  const text = await host.volumes.readEndFile(pod, container.name, attempt);
  const fallsBack = container.terminationMessagePolicy === "FallbackToLogsOnError";
  if (text !== "" || !fallsBack || exitCode === 0) return text;
  const lines: string[] = [];
  for await (const line of host.runtime.logs(id, { follow: false, tailLines: fallbackLines })) {
    lines.push(Buffer.from(line.text).toString("utf8"));
  }
  return Buffer.from(lines.join("\n")).subarray(-fallbackBytes).toString("utf8");
}
