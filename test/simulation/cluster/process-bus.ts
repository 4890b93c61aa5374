// The bus as one simulated process has it: every message that leaves is an effect that it may die at, and what comes
// waits while it is paused. A dead process's calls do nothing, without a word.

import type {
  AppendOutcome,
  Bus,
  BusMessage,
  BusState,
  BusSubscription,
  EventLog,
  LogInfo,
  LogReader,
  MemoryClient,
  PublishOptions,
  RequestOptions,
  ServiceDefinition,
  ServiceHandle,
  SubscribeOptions,
} from "../../../actors/mod.ts";
import { startMicroService } from "../../../actors/micro-service.ts";
import type { SimProcess } from "../engine/process.ts";
import type { Dialect } from "./dialect.ts";

/** Hears what a process sends, before it is on the wire. */
export type Wiretap = (process: SimProcess, subject: string, data: Uint8Array) => void;

export class ProcessBus implements Bus {
  readonly #process: SimProcess;
  readonly #client: MemoryClient;
  readonly #tap: Wiretap;
  readonly #dialect: Dialect | undefined;

  constructor(process: SimProcess, client: MemoryClient, tap: Wiretap, dialect?: Dialect) {
    this.#process = process;
    this.#client = client;
    this.#tap = tap;
    this.#dialect = dialect;
  }

  get state(): BusState {
    return this.#client.state;
  }
  get maxPayload(): number {
    return this.#client.maxPayload;
  }
  get serverInfo(): { readonly url: string; readonly version: string } {
    return this.#client.serverInfo;
  }
  inbox(): string {
    return this.#client.inbox();
  }

  publish(subject: string, data: Uint8Array, options?: PublishOptions): void {
    this.#process.effect(() => {
      const said = this.#dialect?.says(data) ?? data;
      this.#tap(this.#process, subject, said);
      this.#client.publish(subject, said, options);
    });
  }

  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: SubscribeOptions,
  ): BusSubscription {
    if (!this.#process.alive) return { subject, unsubscribe: () => undefined };
    const subscription = this.#client.subscribe(subject, (message) => handler(this.#own(message)), options);
    return {
      subject,
      unsubscribe: () => {
        if (this.#process.alive) subscription.unsubscribe();
      },
    };
  }

  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusMessage> {
    return this.#process.call(async () => {
      const said = this.#dialect?.says(data) ?? data;
      this.#tap(this.#process, subject, said);
      return this.#own(await this.#client.request(subject, said, options));
    });
  }

  onState(listener: (state: BusState) => void): () => void {
    return this.#client.onState((state) => this.#process.enter(() => listener(state)));
  }
  async service(definition: ServiceDefinition): Promise<ServiceHandle> {
    return startMicroService(this, this.#process, definition);
  }
  flush(): Promise<void> {
    return this.#process.call(() => this.#client.flush());
  }
  close(): Promise<void> {
    return this.#process.call(() => this.#client.close());
  }

  #own(message: BusMessage): BusMessage {
    return {
      ...message,
      ...(this.#dialect && { data: this.#dialect.hears(message.data) }),
      respond: (data, headers) => {
        if (message.reply !== undefined) this.publish(message.reply, data, headers && { headers });
      },
    };
  }
}

export function processLog(process: SimProcess, log: EventLog): EventLog {
  return {
    name: log.name,
    ensure: (options): Promise<LogInfo> => process.call(() => log.ensure(options)),
    info: () => process.call(() => log.info()),
    get: (sequence) => process.call(() => log.get(sequence)),
    append: (request): Promise<AppendOutcome> => process.call(() => log.append(request)),
    read(options): LogReader {
      if (!process.alive) {
        return { caughtUp: () => new Promise(() => undefined), stop: () => Promise.resolve() };
      }
      const reader = log.read({
        ...options,
        onError: (error) => process.enter(() => options.onError(error)),
      });
      return {
        caughtUp: (sequence) => process.call(() => reader.caughtUp(sequence)),
        stop: () => reader.stop(),
      };
    },
  };
}
