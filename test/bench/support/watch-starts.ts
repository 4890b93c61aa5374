// Waits for the engine's own word that so many containers have started, or ended.

import type Dockerode from "dockerode";

const timeoutMs = 600_000;

export const watchStarts = (docker: Dockerode, label: readonly string[], count: number) =>
  watchEvents(docker, { event: "start", label, count });

/**
 * Resolves once the engine is listened to, with a promise of the time, in ms since 1970 by the engine's clock, of the
 * `count`th such event of containers with these labels.
 */
export async function watchEvents(
  docker: Dockerode,
  {
    event,
    label,
    count,
  }: { readonly event: "start" | "die"; readonly label: readonly string[]; readonly count: number },
) {
  const stream = await docker.getEvents({
    filters: { type: ["container"], event: [event], label: [...label] },
    abortSignal: AbortSignal.timeout(timeoutMs),
  });
  const last = Promise.withResolvers<number>();
  let seen = 0;
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter(Boolean)) {
      if (++seen !== count) continue;
      last.resolve(timeOf(line));
      if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
    }
  });
  stream.on("error", (error) => last.reject(error));
  stream.on("end", () => last.reject(new Error(`the engine told of ${seen} of ${count} times ${event}`)));
  return { last: last.promise };
}

function timeOf(line: string): number {
  const event: unknown = JSON.parse(line);
  if (typeof event !== "object" || event === null || !("timeNano" in event))
    throw new Error(`no event: ${line}`);
  return Number(event.timeNano) / 1e6;
}
