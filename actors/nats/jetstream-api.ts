// Requests to the JetStream API as the server documents them: JSON in, JSON out, errors with codes.

import { BusError } from "../bus.ts";
import type { NatsBus } from "./bus.ts";

/** Numbers from nats-server's errors.json. */
export const jetStreamErrors = {
  temporarilyUnavailable: 10008,
  notLeader: 10009,
  consumerNotFound: 10014,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  duplicateInProcess: 10158,
} as const;

export class JetStreamError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = "JetStreamError";
    this.code = code;
  }
}

const apiPrefix = "$JS.API";

/** Rejects with JetStreamError or BusError. A server without JetStream is `Unsupported`. */
export async function jetStreamRequest<Answer>(
  bus: NatsBus,
  verb: string,
  body: object | undefined,
  timeoutMs: number,
): Promise<Answer> {
  const data = body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body));
  const message = await bus
    .requestRaw(`${apiPrefix}.${verb}`, data, { timeoutMs })
    .catch((error: unknown) => {
      if (!(error instanceof BusError) || error.code !== "NoResponders") throw error;
      throw new BusError(
        "Unsupported",
        "JetStream is not enabled on this nats-server, or has no leader yet",
        {
          cause: error,
        },
      );
    });
  const answer: Answer & { error?: { code?: number; err_code?: number; description?: string } } =
    message.json();
  if (answer.error) {
    const { code, err_code: errorCode, description } = answer.error;
    throw new JetStreamError(errorCode ?? code ?? 0, `${verb}: ${description ?? "no description"}`);
  }
  return answer;
}
