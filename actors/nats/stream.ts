// The stream behind the log: how it must be configured, and what the server says of it.

import { LogError, type LogInfo } from "../log.ts";
import type { NatsBus } from "./bus.ts";
import { JetStreamError, jetStreamErrors, jetStreamRequest } from "./jetstream-api.ts";

/** The server's max_payload must take the largest commit with room for its headers. */
const leastMaxPayload = 8 * 1024 * 1024;
const duplicateWindowNs = 2 * 60 * 1_000_000_000;
const apiTimeoutMs = 5_000;

interface StreamConfiguration {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: "limits";
  readonly storage: "file";
  readonly discard: "new";
  readonly num_replicas: number;
  readonly max_age: number;
  readonly max_msgs: number;
  readonly max_bytes: number;
  readonly max_msgs_per_subject: number;
  readonly max_consumers: number;
  readonly max_msg_size: number;
  readonly duplicate_window: number;
  readonly allow_direct: boolean;
  readonly deny_delete: boolean;
  readonly deny_purge: boolean;
  readonly sealed: boolean;
}

export interface StreamAnswer {
  readonly created: string;
  /** The server's clock. */
  readonly ts?: string;
  readonly config: StreamConfiguration;
  readonly state: {
    readonly messages: number;
    readonly bytes: number;
    readonly first_seq: number;
    readonly last_seq: number;
  };
}

export interface EnsureStreamOptions {
  readonly stream: string;
  readonly subject: string;
  readonly replicas: number;
  readonly maxBytes?: number;
}

/** Creates the stream or finds it; rejects with LogError Misconfigured when it isn't as the log needs it. */
export async function ensureStream(bus: NatsBus, options: EnsureStreamOptions): Promise<StreamAnswer> {
  if (bus.maxPayload < leastMaxPayload) {
    throw new LogError(
      "Misconfigured",
      `the NATS server takes payloads of ${bus.maxPayload} bytes: set max_payload to 8MB in its configuration`,
    );
  }
  const wanted = wantedConfiguration(options);
  const found = await streamInfo(bus, options.stream).catch((error: unknown) => {
    if (error instanceof LogError && error.code === "StreamMissing") return undefined;
    throw error;
  });
  const answer = found ?? (await createStream(bus, wanted));
  compare(wanted, answer.config);
  return answer;
}

export async function streamInfo(bus: NatsBus, stream: string): Promise<StreamAnswer> {
  try {
    return await jetStreamRequest<StreamAnswer>(bus, `STREAM.INFO.${stream}`, undefined, apiTimeoutMs);
  } catch (error) {
    if (error instanceof JetStreamError && error.code === jetStreamErrors.streamNotFound) {
      throw new LogError("StreamMissing", `there is no stream ${stream}`, { cause: error });
    }
    throw error;
  }
}

export function toLogInfo({ config, state, ts }: StreamAnswer): LogInfo {
  return {
    stream: config.name,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
    messages: state.messages,
    bytes: state.bytes,
    replicas: config.num_replicas,
    ...(ts !== undefined && { serverTime: Date.parse(ts) }),
  };
}

async function createStream(bus: NatsBus, wanted: StreamConfiguration): Promise<StreamAnswer> {
  try {
    return await jetStreamRequest<StreamAnswer>(bus, `STREAM.CREATE.${wanted.name}`, wanted, apiTimeoutMs);
  } catch (error) {
    // Another master created it meanwhile, with a configuration that the comparison will judge.
    const raced = error instanceof JetStreamError && error.code === jetStreamErrors.streamNameInUse;
    if (raced) return await streamInfo(bus, wanted.name);
    throw error;
  }
}

function wantedConfiguration({
  stream,
  subject,
  replicas,
  maxBytes,
}: EnsureStreamOptions): StreamConfiguration {
  return {
    name: stream,
    subjects: [subject],
    retention: "limits",
    storage: "file",
    discard: "new",
    num_replicas: replicas,
    max_age: 0,
    max_msgs: -1,
    max_bytes: maxBytes ?? -1,
    max_msgs_per_subject: -1,
    max_consumers: -1,
    max_msg_size: -1,
    duplicate_window: duplicateWindowNs,
    allow_direct: true,
    deny_delete: false,
    deny_purge: false,
    sealed: false,
  };
}

/** An operator may move between one and three replicas or change the size; the rest is what safety rests on. */
const changeable: ReadonlySet<string> = new Set(["num_replicas", "max_bytes"]);

function compare(wanted: StreamConfiguration, found: StreamConfiguration): void {
  const foundByName = new Map<string, unknown>(Object.entries(found));
  const differences: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    if (changeable.has(name)) continue;
    const want = JSON.stringify(value);
    // The server leaves out what is false.
    const have = JSON.stringify(foundByName.get(name) ?? (value === false ? false : null));
    if (want !== have) differences.push(`${name} ${have} instead of ${want}`);
  }
  if (differences.length === 0) return;
  throw new LogError(
    "Misconfigured",
    `stream ${wanted.name} has ${differences.join(", ")}: change it with "nats stream edit", or use another name`,
  );
}
