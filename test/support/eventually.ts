// Waiting for a condition, for tests against real processes.

const defaultLimitMs = 15_000;
const lookEveryMs = 5;

/** Resolves once the condition holds; rejects with `what` when it doesn't within the limit. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs: number = defaultLimitMs,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
