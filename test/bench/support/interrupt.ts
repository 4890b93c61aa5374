// What has to be taken down when the bench is interrupted, newest first.

const undoes = new Set<() => Promise<void>>();
let installed = false;

/** Runs `undo` at SIGINT or SIGTERM; call the answer once it is done otherwise. */
export function onInterrupt(undo: () => Promise<void>): () => void {
  if (!installed) {
    installed = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(
        signal,
        () => void takeDown().finally(() => process.exit(signal === "SIGINT" ? 130 : 143)),
      );
    }
  }
  undoes.add(undo);
  return () => undoes.delete(undo);
}

async function takeDown(): Promise<void> {
  for (const undo of [...undoes].reverse()) {
    await undo().catch((error: unknown) => console.error(`cleaning up: ${String(error)}`));
  }
}
