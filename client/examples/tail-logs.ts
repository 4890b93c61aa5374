// Prints the logs of every pod that a label selects, as they grow, until interrupted.
// Run: node client/examples/tail-logs.ts nats://server:port app=hello [prefix] [lines]

import { connect } from "../mod.ts";

const [servers = "nats://127.0.0.1:4222", labelSelector = "app=hello", prefix = "berth", limit = "0"] =
  process.argv.slice(2);
await using client = await connect({ servers, prefix });

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
let lines = 0;

async function follow(pod: string): Promise<void> {
  for await (const { data } of client.logs(pod, { follow: true, tailLines: 10, signal: stop.signal })) {
    for (const line of Buffer.from(data).toString().split("\n").filter(Boolean)) {
      console.log(`${pod}: ${line}`);
      if (++lines === Number(limit)) stop.abort();
    }
  }
}

const pods = await client.list("Pod", { labelSelector });
await Promise.all(pods.map((pod) => follow(pod.metadata.name ?? "")));
