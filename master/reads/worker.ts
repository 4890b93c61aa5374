// Entry of the read thread: connects, folds, answers; tells its master when it is ready and what ended it.

import { parentPort, workerData } from "node:worker_threads";
import { type Connection, connectNats, createLogger, createSystemWorld } from "../../actors/mod.ts";
import { logStreamName, logSubject } from "../../protocol/mod.ts";
import { createReadSide, type ReadSide } from "./read-side.ts";
import type { FromWorker, ReadWorkerOptions, ToWorker } from "./read-worker.ts";

const options: ReadWorkerOptions = workerData;
const { prefix, masterId, version, startedAt, secretKeys } = options;
const keys = secretKeys === undefined ? {} : { secretKeys };
const world = createSystemWorld(createLogger(options.logger).child({ part: "reads" }));

let connection: Connection | undefined;
let reads: ReadSide | undefined;

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

async function run(): Promise<void> {
  connection = await connectNats(options.nats, world);
  const { bus } = connection;
  const log = connection.eventLog({ stream: logStreamName(prefix), subject: logSubject(prefix) });
  reads = createReadSide({ world, bus, log, prefix, masterId, version, startedAt, ...keys });
  // Subscribed first: what is asked while the log is folded is held until this master leads.
  reads.subscribe();
  void reads.failed.then((error) => tell({ type: "failed", message: error.message }));
  await reads.start();
  tell({ type: "ready" });
}

async function stop(): Promise<void> {
  await reads?.stop();
  await connection?.close();
  parentPort?.close();
}

parentPort?.on("message", (message: ToWorker) => {
  if (message.type === "stop") void stop();
});
run().catch((error: unknown) => {
  tell({ type: "failed", message: error instanceof Error ? error.message : String(error) });
});
