// A read side on a hub in memory, with a written log behind it and a client in front of it.

import {
  createMemoryHub,
  createVirtualWorld,
  type MemoryClient,
  type VirtualWorld,
} from "../../../actors/mod.ts";
import {
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  apiSubject,
  decode,
  encode,
  logStreamName,
  logSubject,
  type MasterId,
  type WatchMessage,
} from "../../../protocol/mod.ts";
import { createReadSide, type ReadSide } from "../read-side.ts";
import { WrittenLog } from "./written-log.ts";

const prefix = "berth";
const stream = { stream: logStreamName(prefix), subject: logSubject(prefix) };

export class Harness {
  readonly world: VirtualWorld = createVirtualWorld({ seed: 1 });
  readonly hub = createMemoryHub(this.world);
  readonly client: MemoryClient = this.hub.connect("client");
  readonly leader: MemoryClient = this.hub.connect("leader");
  readonly writer = new WrittenLog(this.leader.eventLog(stream));

  /** Moves time on until the promise is settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const settled = promise.finally(() => {
      done = true;
    });
    settled.catch(() => {});
    await this.world.runUntil(() => done, 60_000);
    return settled;
  }

  /** The log is created, led by `m1`, and its position is answered for. */
  async create(): Promise<void> {
    await this.run(this.writer.create("m1"));
    this.writer.answerPosition(this.leader, prefix);
  }

  async readSide(masterId = "m1"): Promise<ReadSide> {
    const connection = this.hub.connect(masterId);
    const reads = createReadSide({
      world: this.world,
      bus: connection,
      log: connection.eventLog(stream),
      prefix,
      masterId: masterId as MasterId,
      version: "0.1.0",
      startedAt: 0,
    });
    reads.subscribe();
    await this.run(reads.start());
    return reads;
  }

  async commit(...events: Parameters<WrittenLog["commit"]>[0]): Promise<number> {
    const position = await this.run(this.writer.commit(events));
    await this.world.settle();
    return position;
  }

  async ask(target: Partial<ApiTarget>, request: ApiRequest = {}): Promise<ApiReply> {
    return this.run(this.send(target, request));
  }

  /** As `ask`, but moving time on is left to the caller: only one at a time may. */
  async send(target: Partial<ApiTarget>, request: ApiRequest): Promise<ApiReply> {
    const decoded = decode(await this.sendRaw(target, encode(request)));
    if (!decoded.ok) throw new Error(decoded.error.message);
    // The read side's own answer, in a test of it.
    return decoded.value as ApiReply;
  }

  askRaw(target: Partial<ApiTarget>, data: Uint8Array): Promise<Uint8Array> {
    return this.run(this.sendRaw(target, data));
  }

  async sendRaw(target: Partial<ApiTarget>, data: Uint8Array): Promise<Uint8Array> {
    const subject = apiSubject(prefix, {
      user: "ann",
      verb: "list",
      group: "core",
      resource: "pods",
      ...target,
    });
    return (await this.client.request(subject, data, { timeoutMs: 5000 })).data;
  }

  /** Opens a watch and gathers what it delivers; bookmarks are kept apart. */
  async watch(
    target: Partial<ApiTarget>,
    request: ApiRequest = {},
  ): Promise<{
    readonly reply: ApiReply;
    readonly told: string[];
    readonly all: WatchMessage[];
    readonly deliver: string;
  }> {
    const deliver = this.client.inbox();
    const all: WatchMessage[] = [];
    const told: string[] = [];
    this.client.subscribe(deliver, ({ data }) => {
      const decoded = decode(data);
      if (!decoded.ok) throw new Error(decoded.error.message);
      const message = decoded.value as WatchMessage;
      all.push(message);
      if (message.type === "ERROR") told.push(`ERROR ${message.error.code}`);
      else if (message.type !== "BOOKMARK") told.push(`${message.type} ${message.object.metadata.name}`);
    });
    const reply = await this.ask({ verb: "watch", ...target }, { deliver, ...request });
    await this.world.advance(1);
    return { reply, told, all, deliver };
  }
}

export const namesOf = (reply: ApiReply): readonly (string | undefined)[] =>
  reply.ok && reply.type === "list" ? reply.items.map((object) => object.metadata.name) : [];

/** What a reply says, short: its type, or the code of its error. */
export const gist = (reply: ApiReply): string => (reply.ok ? reply.type : reply.error.code);
