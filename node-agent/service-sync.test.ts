import { expect, it } from "vitest";
import { createVirtualWorld } from "../actors/mod.ts";
import {
  type EndpointsMessage,
  type Epoch,
  type LogId,
  type NodeName,
  type Position,
  type ServiceEntry,
  type Uid,
} from "../protocol/mod.ts";
import { ServiceSync } from "./service-sync.ts";

const point = { logId: "log" as LogId, epoch: 1 as Epoch };

const service = (endpoints: number): ServiceEntry => ({
  namespace: "default",
  name: "web",
  uid: "web-uid" as Uid,
  clusterIP: "10.96.0.1",
  ports: [{ name: "http", port: 80, protocol: "TCP" }],
  endpoints: Array.from({ length: endpoints }, (_each, index) => ({
    ip: `10.0.0.${index + 2}`,
    ports: [8080],
    node: "n1" as NodeName,
    pod: `pod-${index}` as Uid,
  })),
});
const change = (from: number, endpoints: number): EndpointsMessage => ({
  version: 1,
  type: "service",
  ...point,
  from: from as Position,
  to: (from + 1) as Position,
  service: service(endpoints),
});

it("takes changes that come one after the other together, and acknowledges what traffic follows", async () => {
  const world = createVirtualWorld({ seed: 1 });
  const done: string[] = [];
  const sync = new ServiceSync({
    clock: world.clock,
    logger: world.logger,
    fetchTable: () =>
      Promise.resolve({ ...point, version: 1, position: 10 as Position, services: [service(0)] }),
    acknowledge: (position) => done.push(`acknowledged ${position}`),
    proxy: {
      kind: "nftables",
      replace: (services) => Promise.resolve(void done.push(`all of ${services.length}`)),
      set: ({ endpoints }) => Promise.resolve(void done.push(`set ${endpoints.length}`)),
      remove: () => Promise.resolve(),
      describe: () => "",
      close: () => Promise.resolve(),
    },
  });
  sync.refresh();
  await world.advance(1000);
  expect(done.splice(0)).toEqual(["all of 1", "acknowledged 10"]);
  // The first is done at once.
  sync.change(change(10, 1));
  await world.advance(1);
  expect(done.splice(0)).toEqual(["set 1", "acknowledged 11"]);
  // What comes right after it waits for the others.
  for (let endpoints = 2; endpoints <= 8; endpoints++) {
    sync.change(change(9 + endpoints, endpoints));
    await world.advance(5);
  }
  expect(done).toEqual([]);
  await world.advance(100);
  expect(done).toEqual(["set 8", "acknowledged 18"]);
  sync.stop();
});
