// The short-lived push consumer behind a reader: in memory, no acknowledgements, with flow control and heartbeats.

import type { NatsBus } from "./bus.ts";
import { jetStreamRequest } from "./jetstream-api.ts";

export const heartbeatMs = 1_000;
/** The server removes a consumer that nobody has listened to for so long. */
const inactiveMs = 30_000;
const apiTimeoutMs = 5_000;
const nanosecondsPerMs = 1_000_000;

export interface PushConsumerOptions {
  readonly stream: string;
  readonly name: string;
  readonly deliverSubject: string;
  readonly fromSequence: number;
}

export async function createPushConsumer(bus: NatsBus, options: PushConsumerOptions): Promise<void> {
  const config = {
    name: options.name,
    deliver_subject: options.deliverSubject,
    deliver_policy: "by_start_sequence",
    opt_start_seq: options.fromSequence,
    replay_policy: "instant",
    ack_policy: "none",
    max_deliver: 1,
    flow_control: true,
    idle_heartbeat: heartbeatMs * nanosecondsPerMs,
    inactive_threshold: inactiveMs * nanosecondsPerMs,
    mem_storage: true,
    num_replicas: 1,
  };
  const verb = `CONSUMER.CREATE.${options.stream}.${options.name}`;
  await jetStreamRequest(bus, verb, { stream_name: options.stream, config, action: "create" }, apiTimeoutMs);
}

/** Best effort: what is not deleted goes by itself when it has been inactive. */
export function deleteConsumer(bus: NatsBus, stream: string, name: string): void {
  bus.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`, new Uint8Array());
}
