// The one sentence that says why a pod waits, in Kubernetes' words.

import type { Refusal } from "../../protocol/mod.ts";

/** `0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable.`, the commonest reason first. */
export function refusalMessage(nodes: number, refused: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(refused)
    .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    .map(([reason, count]) => `${count} ${reason}`);
  if (nodes === 0) return "0/0 nodes are available: no node has registered.";
  if (reasons.length === 0) return `0/${nodes} nodes are available.`;
  return `0/${nodes} nodes are available: ${reasons.join(", ")}.`;
}

/** What the pod itself lacks, wherever it would go. */
export const refusedAnywhere = (nodes: number, reason: string): Refusal => ({
  nodes,
  refused: { [reason]: nodes },
  message: `0/${nodes} nodes are available: ${reason}.`,
});
