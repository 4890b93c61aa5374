// A master by script, for tests of the client and of the command line: it answers API requests with what the test says,
// feeds watches and serves streams, on any bus.

import type { Bus, BusMessage } from "../../actors/mod.ts";
import {
  type ApiAnswer,
  type ApiObject,
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  apiWildcard,
  decode,
  defaultPrefix,
  encode,
  type ErrorCode,
  parseApiRequest,
  parseApiSubject,
  parseMessage,
  type Position,
  type StreamFrame,
  streamSubject,
  unwrap,
  watchBookmarkMs,
  type WatchMessage,
} from "../../protocol/mod.ts";

export interface Asked {
  readonly target: ApiTarget;
  readonly request: ApiRequest;
}
/** "silence": no answer at all. */
export type Answer = ApiReply | "silence";
export type Script = (asked: Asked) => Answer;

export const answer = (position: number, body: ApiAnswer, warnings?: readonly string[]): ApiReply => ({
  ok: true,
  version: 1,
  position: position as Position,
  ...body,
  ...(warnings && { warnings }),
});
export const refuse = (code: ErrorCode, message: string): ApiReply => ({
  ok: false,
  version: 1,
  error: { code, message },
});

type WatchBody = WatchMessage extends infer M
  ? M extends WatchMessage
    ? Omit<M, "version" | "watch" | "number">
    : never
  : never;

export interface OpenWatch {
  readonly request: ApiRequest;
  readonly id: string;
  /** Number of the next message; a test may skip some. */
  next: number;
  send(message: WatchBody): void;
  ended: boolean;
}

type FrameBody = StreamFrame extends infer F ? (F extends StreamFrame ? Omit<F, "number"> : never) : never;

export interface OpenStream {
  readonly target: ApiTarget;
  readonly request: ApiRequest;
  readonly received: StreamFrame[];
  send(frame: FrameBody): void;
  /** Stops listening without a word, as an agent does that died. */
  vanish(): void;
}

export class ScriptedApi {
  readonly asked: Asked[] = [];
  readonly watches: OpenWatch[] = [];
  readonly streams: OpenStream[] = [];
  script: Script;
  readonly #bus: Bus;
  readonly #stop: () => void;

  constructor(bus: Bus, script: Script) {
    this.#bus = bus;
    this.script = script;
    const subscription = bus.subscribe(apiWildcard(defaultPrefix), (message) => this.#answer(message));
    this.#stop = () => subscription.unsubscribe();
  }
  stop(): void {
    this.#stop();
  }
  /** Requests with this verb, in order. */
  of(verb: ApiTarget["verb"]): readonly Asked[] {
    return this.asked.filter(({ target }) => target.verb === verb);
  }

  /** The answer to a watch; what it delivers comes from the test. */
  watch({ request }: Asked, position = 1): ApiReply {
    const id = `watch-${this.watches.length + 1}`;
    const deliver = request.deliver ?? "";
    const watch: OpenWatch = {
      request,
      id,
      next: 1,
      ended: false,
      send: (body) =>
        this.#bus.publish(deliver, encode({ version: 1, watch: id, number: watch.next++, ...body })),
    };
    this.#bus.subscribe(`${deliver}.alive`, ({ data }) => {
      const said = decode(data);
      if (said.ok && typeof said.value === "object" && said.value !== null && "end" in said.value)
        watch.ended = true;
    });
    this.watches.push(watch);
    return answer(position, { type: "watch", watch: id, bookmarkMs: watchBookmarkMs });
  }

  /** The answer to logs and exec; the test plays the agent. */
  stream({ target, request }: Asked, container = "web"): ApiReply {
    const id = request.stream?.id ?? "";
    const received: StreamFrame[] = [];
    let number = 0;
    const subscription = this.#bus.subscribe(
      streamSubject(defaultPrefix, target.user, id, "in"),
      ({ data }) => {
        received.push(unwrap(parseMessage("stream-frame", unwrap(decode(data)))));
      },
    );
    this.streams.push({
      target,
      request,
      received,
      send: (frame) =>
        this.#bus.publish(
          streamSubject(defaultPrefix, target.user, id, "out"),
          encode({ number: ++number, ...frame }),
        ),
      vanish: () => subscription.unsubscribe(),
    });
    return answer(1, { type: "stream", stream: id, container });
  }

  #answer(message: BusMessage): void {
    const target = unwrap(parseApiSubject(defaultPrefix, message.subject));
    const request = unwrap(parseApiRequest(unwrap(decode(message.data))));
    const asked = { target, request };
    this.asked.push(asked);
    const reply = this.script(asked);
    if (reply !== "silence") message.respond(encode(reply));
  }
}

/** A pod as a cluster answers it. */
export function storedPod(name: string, more: Partial<ApiObject> = {}, resourceVersion = "1"): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    spec: { containers: [{ name: "web", image: "web:1" }] },
    status: { phase: "Running" },
    ...more,
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion,
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...more.metadata,
    },
  };
}
