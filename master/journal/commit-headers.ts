// Headers of a commit's message repeat what a person looks for with the NATS CLI. Nothing in Berth reads them.

import { type BerthEvent, commitHeaders, type Epoch, type Position } from "../../protocol/mod.ts";

/** More objects, principals or commands than this are counted, not named. */
const namedLimit = 5;
const maxHeaderLength = 512;

export function describeCommit(
  epoch: Epoch,
  firstPosition: Position,
  events: readonly BerthEvent[],
): Record<string, string> {
  const types = new Map<string, number>();
  const objects = new Set<string>();
  const principals = new Set<string>();
  const commands = new Set<string>();
  for (const event of events) {
    types.set(event.type, (types.get(event.type) ?? 0) + 1);
    if (principals.size <= namedLimit) principals.add(event.by);
    if ("object" in event && objects.size <= namedLimit) {
      const { kind, namespace, name } = event.object;
      objects.add(namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`);
    }
    if (event.type === "CommandCompleted") commands.add(event.command);
  }
  const counts = [...types].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${type}=${count}`);
  const lastPosition = firstPosition + events.length - 1;
  return {
    [commitHeaders.events]: printable(counts.join(" ")),
    [commitHeaders.epoch]: String(epoch),
    [commitHeaders.position]:
      firstPosition === lastPosition ? String(firstPosition) : `${firstPosition}-${lastPosition}`,
    [commitHeaders.by]: few(principals),
    ...(objects.size > 0 && { [commitHeaders.objects]: few(objects) }),
    ...(commands.size > 0 && { [commitHeaders.command]: few(commands) }),
  };
}

function few(texts: ReadonlySet<string>): string {
  const named = [...texts].slice(0, namedLimit);
  const more = texts.size > namedLimit ? " ..." : "";
  return printable(named.join(" ") + more);
}

/** Header values are one line of printable text. */
function printable(text: string): string {
  const line = text.replace(/\p{Cc}/gu, "?");
  return line.length > maxHeaderLength ? line.slice(0, maxHeaderLength) : line;
}
