// What every daemon does the same: run until a signal or a failure, stop in order, say why it ended.

import { createLogger, type LogLevel } from "../../actors/mod.ts";

export interface Daemon {
  /** Resolves when it cannot go on. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/** A stop that takes longer is cut off: the supervisor that sent the signal would kill the process anyway. */
const stopTimeoutMs = 30_000;

/** Resolves when the daemon has stopped; the exit code is 0 after a signal and 1 after a failure. */
export async function runDaemon(name: string, level: LogLevel, start: () => Promise<Daemon>): Promise<void> {
  const logger = createLogger({ level });
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => resolve(signal));
    // `berth dev` holds the other end: when it is gone, however it ended, so are its daemons.
    if (process.env["BERTH_STOP_WITH_STDIN"] === "true") {
      process.stdin.resume();
      process.stdin.once("close", () => resolve("end of standard input"));
    }
  });
  try {
    const daemon = await start();
    const end = await Promise.race([signalled, daemon.failed]);
    if (end instanceof Error) {
      logger.error({ error: end }, `${name} failed`);
      process.exitCode = 1;
    } else {
      logger.info({ signal: end }, `${name} is stopping`);
    }
    const cut = setTimeout(() => process.exit(process.exitCode ?? 1), stopTimeoutMs);
    await daemon.stop();
    clearTimeout(cut);
  } catch (error) {
    logger.error({ error }, `${name} cannot run`);
    process.exitCode = 1;
  }
  // A handle that a library keeps open must not keep a stopped daemon alive.
  process.exit();
}
