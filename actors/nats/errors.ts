// What goes wrong with the nats package, as bus errors.

import { ErrorCode, NatsError } from "nats";

import { BusError, type BusErrorCode } from "../bus.ts";

const codes: Readonly<Record<string, BusErrorCode>> = {
  [ErrorCode.NoResponders]: "NoResponders",
  [ErrorCode.Timeout]: "Timeout",
  [ErrorCode.ConnectionTimeout]: "Disconnected",
  [ErrorCode.ConnectionRefused]: "Disconnected",
  [ErrorCode.Disconnect]: "Disconnected",
  [ErrorCode.MaxPayloadExceeded]: "TooLarge",
  [ErrorCode.ConnectionClosed]: "Closed",
  [ErrorCode.ConnectionDraining]: "Closed",
  [ErrorCode.PermissionsViolation]: "Denied",
  [ErrorCode.AuthorizationViolation]: "Denied",
  [ErrorCode.AuthenticationExpired]: "Denied",
  [ErrorCode.AuthenticationTimeout]: "Denied",
  [ErrorCode.AccountExpired]: "Denied",
  [ErrorCode.BadAuthentication]: "Denied",
};

/** `what` says what was tried. An error that is no outcome of the bus is a bug and is returned as it is. */
export function toBusError(error: unknown, what: string): Error {
  if (error instanceof BusError) return error;
  if (error instanceof NatsError) {
    const code = codes[error.code];
    if (code !== undefined) return new BusError(code, `${what}: ${explain(code, error)}`, { cause: error });
  }
  return error instanceof Error ? error : new Error(`${what}: ${String(error)}`);
}

function explain(code: BusErrorCode, error: NatsError): string {
  if (code === "NoResponders") return "nobody listens there";
  if (code === "Timeout") return "no answer in time";
  return error.message;
}
