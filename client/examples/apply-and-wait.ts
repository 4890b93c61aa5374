// Applies a replication controller and waits until all of its pods are ready.
// Run: node client/examples/apply-and-wait.ts [nats://server:port] [prefix]

import { connect } from "../mod.ts";

const [servers = "nats://127.0.0.1:4222", prefix = "berth"] = process.argv.slice(2);
await using client = await connect({ servers, prefix });

const labels = { app: "hello" };
const { object, outcome } = await client.apply({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "hello" },
  spec: {
    replicas: 2,
    selector: labels,
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: "hello",
            image: "node:24-alpine",
            command: [
              "node",
              "--eval",
              "setInterval(() => console.log('hello from', process.env.HOSTNAME), 1000)",
            ],
          },
        ],
      },
    },
  },
});
console.log(`replication controller ${object.metadata.name} ${outcome}`);

for await (const event of client.watch("Pod", { labelSelector: "app=hello", bookmarks: true })) {
  if (event.type === "BOOKMARK") {
    // Everything up to here has been told, so the controller may be asked how far it is.
    const { spec, status } = await client.get("ReplicationController", "hello");
    if (status?.readyReplicas === spec?.replicas) break;
  } else
    console.log(
      event.type.toLowerCase(),
      event.object.metadata.name,
      event.object.status?.phase ?? "Pending",
    );
}
console.log("all pods are ready");
