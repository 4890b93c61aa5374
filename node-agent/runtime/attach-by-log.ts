// Attaching where a runtime keeps no connection to its processes: what they write is followed in their log.

import {
  type AttachOptions,
  type ContainerId,
  type ContainerRuntime,
  type ExecSession,
  RuntimeError,
} from "./runtime.ts";

const newline = Uint8Array.of(10);

/** Rejects with Unsupported when input is wanted: there is nothing that it could be written to. */
export async function attachByLog(
  runtime: Pick<ContainerRuntime, "logs" | "inspectContainer">,
  id: ContainerId,
  { stdin, replay }: AttachOptions,
): Promise<ExecSession> {
  if (stdin) {
    const message = "processes of this runtime have no input to attach to: leave -i away, or use exec";
    throw new RuntimeError("Unsupported", message);
  }
  const over = new AbortController();
  const asked = { follow: true, ...(replay ? {} : { tailLines: 0 }), signal: over.signal };
  const queues = { stdout: outputQueue(), stderr: outputQueue() };
  const exitCode = (async (): Promise<number> => {
    try {
      for await (const line of runtime.logs(id, asked)) {
        queues[line.stream].push(line.partial ? line.text : Buffer.concat([line.text, newline]));
      }
      return (await runtime.inspectContainer(id))?.exitCode ?? 0;
    } finally {
      queues.stdout.end();
      queues.stderr.end();
    }
  })();
  exitCode.catch(() => undefined);
  return {
    stdout: queues.stdout.read(),
    stderr: queues.stderr.read(),
    write: () => Promise.resolve(),
    endInput: () => undefined,
    resize: () => Promise.resolve(),
    exitCode,
    close: () => over.abort(),
  };
}

function outputQueue() {
  const chunks: Uint8Array[] = [];
  let ended = false;
  let changed = Promise.withResolvers<void>();
  const signal = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    push(chunk: Uint8Array): void {
      chunks.push(chunk);
      signal();
    },
    end(): void {
      ended = true;
      signal();
    },
    async *read(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const chunk = chunks.shift();
        if (chunk) yield chunk;
        else if (ended) return;
        else await changed.promise;
      }
    },
  };
}
