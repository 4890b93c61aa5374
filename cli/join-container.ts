// Joining a container that is about to start: waits for it, becomes its terminal, and when it has ended already shows what
// it wrote.

import { type BerthClient, BerthError, type Stored } from "../client/mod.ts";
import { attached, terminalOf } from "./attached.ts";
import type { Session } from "./session.ts";

export interface Joining {
  readonly pod: string;
  readonly container: string;
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Nothing is said but what the container writes. */
  readonly quiet: boolean;
  /** It must have started by then. */
  readonly startTimeoutMs: number;
}

/** How a container's present run, or its last, has ended. */
export interface Ended {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

/** Resolves with the exit code when the container ends, or 0 when it goes on without us. */
export async function joinContainer(session: Session, joining: Joining): Promise<number> {
  const client = await session.client();
  const { namespace, signal } = session;
  const { pod, container, stdin, quiet } = joining;
  const ended = await untilStarted(session, client, joining);
  if (ended) return await told(session, client, joining, ended.exitCode);
  const tty = await terminalOf(session, joining);
  if (stdin && !quiet) await session.err("If you don't see a command prompt, try pressing enter.\n");
  try {
    const running = await client.attach(pod, { namespace, container, signal, stdin, tty, replay: true });
    return await attached(session, running, { stdin, tty });
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "BadRequest") throw error;
    // It ended between the look and the call, or before its node had joined it.
    const over = await untilStarted(session, client, { ...joining, ended: true });
    if (!over) throw error;
    return await told(session, client, joining, over.exitCode);
  }
}

/** It has done its work already: what it wrote is in its log. */
async function told(
  session: Session,
  client: BerthClient,
  { pod, container }: Joining,
  exitCode: number,
): Promise<number> {
  const { namespace, signal } = session;
  for await (const { channel, data } of client.logs(pod, { namespace, container, signal })) {
    await (channel === "stdout" ? session.io.stdout : session.io.stderr).write(data);
  }
  return exitCode;
}

/** How it ended, where it has; with `ended` that is waited for. */
async function untilStarted(
  session: Session,
  client: BerthClient,
  { pod, container, startTimeoutMs, ended = false }: Joining & { readonly ended?: boolean },
): Promise<Ended | undefined> {
  const { namespace, signal } = session;
  let problem = "";
  const found = await client
    .waitFor(
      "Pod",
      pod,
      (object) => {
        const { state, lastState } = statusIn(object, container) ?? {};
        const { reason = "", message = "" } = state?.waiting ?? {};
        if (message !== "") problem = `: ${reason}: ${message}`;
        if (state?.running && !ended) return true;
        return (state?.terminated ?? lastState?.terminated) !== undefined;
      },
      { namespace, signal, timeoutMs: startTimeoutMs },
    )
    .catch((error: unknown) => {
      if (!(error instanceof BerthError) || error.code !== "Timeout") throw error;
      const message = `container ${container} of pod ${pod} has not started within ${startTimeoutMs / 1000} s${problem}`;
      throw new BerthError({ code: "Timeout", message });
    });
  const { state, lastState } = statusIn(found, container) ?? {};
  if (state?.running && !ended) return undefined;
  return state?.terminated ?? lastState?.terminated;
}

const statusIn = (pod: Stored<"Pod"> | undefined, container: string) =>
  [...(pod?.status?.ephemeralContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])].find(
    ({ name }) => name === container,
  );
