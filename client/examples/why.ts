// Tells how every pod of a namespace came to be where it is: the chain of causes, from the log.
// Run: node client/examples/why.ts [nats://server:port] [prefix]

import { connect, type WhyNode } from "../mod.ts";

const [servers = "nats://127.0.0.1:4222", prefix = "berth"] = process.argv.slice(2);
await using client = await connect({ servers, prefix });

function tell({ text, children }: WhyNode, depth = 0): void {
  console.log(`${"  ".repeat(depth)}${text}`);
  for (const child of children) tell(child, depth + 1);
}

for (const pod of await client.list("Pod")) tell(await client.why("Pod", pod.metadata.name ?? ""));
