// Which nats-server releases Berth runs on.

/** Older releases lack the fixes that the log relies on (see docs/architecture.md, the log). */
export const oldestNatsServer = [2, 12, 7] as const;

export type ServerVersion = readonly [major: number, minor: number, patch: number];

/** Reads `nats-server: v2.15.1` or `2.15.1`. */
export function parseServerVersion(text: string): ServerVersion | undefined {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

export function isSupportedServer(version: ServerVersion): boolean {
  for (const [index, least] of oldestNatsServer.entries()) {
    const part = version[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
