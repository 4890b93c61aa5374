// Runs the read side on a thread of its own, with its own connection, so that a large read never holds up a turn.

import { Worker } from "node:worker_threads";
import type { Clock, LoggerOptions, NatsOptions } from "../../actors/mod.ts";
import type { ReadSideOptions } from "./read-side.ts";

/** Everything here is copied to the thread. */
export interface ReadWorkerOptions
  extends Pick<ReadSideOptions, "prefix" | "masterId" | "version" | "startedAt" | "secretKeys"> {
  readonly nats: NatsOptions;
  readonly logger: Omit<LoggerOptions, "destination">;
}

export interface ReadWorker {
  /** Resolves when the thread has folded the log and answers; rejects when it can't. */
  readonly ready: Promise<void>;
  /** Resolves with what ended the thread, unless `stop` did. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

export type FromWorker = { readonly type: "ready" } | { readonly type: "failed"; readonly message: string };
export type ToWorker = { readonly type: "stop" };

/** A thread that has not ended by itself within this is ended. */
const stopTimeoutMs = 3000;

export function startReadWorker(clock: Clock, options: ReadWorkerOptions): ReadWorker {
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: options, name: "berth-reads" });
  const ready = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<Error>();
  const exited = Promise.withResolvers<void>();
  let stopping = false;

  const fail = (error: Error): void => {
    if (stopping) return;
    ready.reject(error);
    failed.resolve(error);
  };
  worker.on("message", (message: FromWorker) => {
    if (message.type === "ready") ready.resolve();
    else fail(new Error(message.message));
  });
  worker.on("error", (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => {
    fail(new Error(`the read thread ended with code ${code}`));
    exited.resolve();
  });
  // Whoever only waits for `failed` must not be ended by an unhandled rejection.
  ready.promise.catch(() => {});

  return {
    ready: ready.promise,
    failed: failed.promise,
    async stop() {
      stopping = true;
      worker.postMessage({ type: "stop" } satisfies ToWorker);
      const cancel = clock.after(stopTimeoutMs, () => void worker.terminate());
      await exited.promise;
      cancel();
    },
  };
}
