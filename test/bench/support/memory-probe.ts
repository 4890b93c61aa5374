// Loaded into a measured process ahead of its own code (`--import`): at SIGUSR2 every thread collects its garbage and
// writes down what its heap still holds, in the folder that BERTH_BENCH_MEMORY names.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BroadcastChannel, isMainThread, threadId } from "node:worker_threads";

const folder = process.env["BERTH_BENCH_MEMORY"];

if (folder !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const write = (): void => {
    collect();
    writeFileSync(join(folder, `${process.pid}.${threadId}`), String(process.memoryUsage().heapUsed));
  };
  const channel = new BroadcastChannel("berth-bench-memory");
  channel.onmessage = write;
  channel.unref();
  if (isMainThread) {
    process.on("SIGUSR2", () => {
      channel.postMessage("write");
      write();
    });
  }
}
