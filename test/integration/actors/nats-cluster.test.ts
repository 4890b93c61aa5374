// The log on three replicas while the server that leads the stream is killed.

import { connect, type NatsConnection } from "nats";
import { expect, test } from "vitest";

import { connectNats, type AppendOutcome } from "../../../actors/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { startNatsCluster } from "../../support/nats-cluster.ts";
import { world } from "./adapters.ts";

const names = { stream: "TEST_LOG", subject: "test.log" };

test("resends settle what a dead leader left open; readers miss nothing", { timeout: 120_000 }, async () => {
  const cluster = await startNatsCluster();
  const connection = await connectNats({ servers: cluster.urls, name: "test" }, world);
  const raw = await connect({ servers: [...cluster.urls] });
  try {
    const log = connection.eventLog(names);
    await eventually(
      "the cluster has a leader",
      () =>
        log.ensure({ replicas: 3 }).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    const seen: string[] = [];
    const reader = log.read({
      fromSequence: 1,
      onEntry: ({ headers }) => void seen.push(headers["Nats-Msg-Id"] ?? ""),
      onError: (error) => expect.unreachable(error.message),
    });
    const append = (sequence: number): Promise<AppendOutcome> =>
      log.append({
        data: Buffer.from("x"),
        expectedSequence: sequence,
        messageId: `id-${sequence}`,
        timeoutMs: 1_000,
      });
    const settle = async (sequence: number, first: Promise<AppendOutcome>): Promise<void> => {
      let outcome = await first;
      while (outcome.type === "unknown") {
        await world.clock.sleep(100);
        outcome = await append(sequence);
      }
      expect(["stored", "refused"]).toContain(outcome.type);
    };
    const window = 16;
    for (let round = 0; round < 4; round++) {
      const sequences = Array.from({ length: window }, (_, index) => round * window + index);
      const leader = round === 2 ? await leaderOf(raw) : undefined;
      const inFlight = sequences.map((sequence) => append(sequence));
      if (leader !== undefined) await cluster.servers.get(leader)?.kill();
      for (const [index, sequence] of sequences.entries()) {
        await settle(sequence, inFlight[index] ?? append(sequence));
      }
    }
    await reader.caughtUp(4 * window);
    expect(seen).toEqual(Array.from({ length: 4 * window }, (_, index) => `id-${index}`));
    await reader.stop();
  } finally {
    await raw.close();
    await connection.close();
    await cluster.stop();
  }
});

async function leaderOf(raw: NatsConnection): Promise<string | undefined> {
  const manager = await raw.jetstreamManager();
  return (await manager.streams.info(names.stream)).cluster?.leader;
}
