// One run of one command: its settings, its way to print, and its client, opened when it is first needed.

import type { BerthClient, ConnectOptions } from "../client/mod.ts";
import type { Io } from "./io.ts";
import type { Settings } from "./settings.ts";
import { type Style, styleFor } from "./style.ts";

export interface SessionTools {
  readonly io: Io;
  readonly connect: (options: ConnectOptions) => Promise<BerthClient>;
  /** ms since 1970: what ages are counted from. */
  readonly now: () => number;
  readonly version: string;
}

export class Session {
  readonly io: Io;
  readonly settings: Settings;
  readonly style: Style;
  readonly now: () => number;
  readonly version: string;
  readonly #connect: SessionTools["connect"];
  #client: Promise<BerthClient> | undefined;

  constructor(tools: SessionTools, settings: Settings) {
    this.io = tools.io;
    this.settings = settings;
    this.style = styleFor(tools.io, tools.io.stdout);
    this.now = tools.now;
    this.version = tools.version;
    this.#connect = tools.connect;
  }

  client(): Promise<BerthClient> {
    this.#client ??= this.#connect(this.settings.connect);
    return this.#client;
  }
  get namespace(): string {
    return this.settings.namespace;
  }
  /** Every call takes it, so that Ctrl-C ends whatever runs. */
  get signal(): AbortSignal {
    return this.io.interrupted;
  }

  out(text: string | Uint8Array): Promise<void> {
    return this.io.stdout.write(text);
  }
  err(text: string): Promise<void> {
    return this.io.stderr.write(text);
  }
  async warn(warnings: readonly string[]): Promise<void> {
    const yellow = styleFor(this.io, this.io.stderr).yellow;
    for (const warning of warnings) await this.err(`${yellow("Warning:")} ${warning}\n`);
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
  }
}
