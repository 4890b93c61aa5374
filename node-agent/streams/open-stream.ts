// A stream that a client has opened, as whoever serves it sees it.

import type { ContainerRuntime, ContainerStatusInfo } from "../runtime/runtime.ts";
import type { FrameChannel } from "./frame-channel.ts";

export interface OpenStream {
  readonly channel: FrameChannel;
  /** Aborted when the stream is over, from whichever side. */
  readonly signal: AbortSignal;
  /** Gets what the client sends. */
  input:
    | ((frame: Parameters<ConstructorParameters<typeof FrameChannel>[0]["receive"]>[0]) => Promise<void>)
    | undefined;
}

export interface StreamContext {
  readonly runtime: ContainerRuntime;
  readonly container: ContainerStatusInfo;
  readonly stream: OpenStream;
}
