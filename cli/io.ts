// What a command may touch of the process that runs it; tests pass their own.

export interface Sink {
  /** Resolves when the data is taken, so that a fast stream waits for a slow terminal. */
  write(data: string | Uint8Array): Promise<void>;
  readonly isTTY: boolean;
}

export interface Source extends AsyncIterable<Uint8Array> {
  readonly isTTY: boolean;
  /** Passes keys on one by one, unechoed; does nothing where there is no terminal. */
  setRawMode(on: boolean): void;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The user's editor on a text. */
export interface Editor {
  /** Resolves with the text as it was saved; rejects with UsageError when the editor fails. */
  edit(text: string, form: "json" | "yaml"): Promise<string>;
  /** Stores what must not be lost; resolves with its place. */
  keep(text: string, form: "json" | "yaml"): Promise<string>;
}

export interface Io {
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly editor: Editor;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  size(): TerminalSize | undefined;
  /** Calls the listener on each change of the terminal's size; returns what ends that. */
  onResize(listener: () => void): () => void;
}

/** What the shell is told. */
export const exitCodes = { done: 0, failed: 1, usage: 2, rolledBack: 3, interrupted: 130 } as const;
