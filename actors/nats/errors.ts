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

/** What the system says of a host that can't be reached, which the package passes on as it is. */
const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: "no host has this name",
  EAI_AGAIN: "the name can't be looked up now",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was broken off",
  EHOSTUNREACH: "there is no way to this host",
  ENETUNREACH: "there is no way to this network",
  ETIMEDOUT: "no answer in time",
  EADDRNOTAVAIL: "this is no address to connect to",
};

/** `what` says what was tried. An error that is no outcome of the bus is a bug and is returned as it is. */
export function toBusError(error: unknown, what: string): Error {
  if (error instanceof BusError) return error;
  if (error instanceof NatsError) {
    const code = codes[error.code];
    if (code !== undefined) return new BusError(code, `${what}: ${explain(code, error)}`, { cause: error });
  }
  if (error instanceof Error && "code" in error) {
    const reason = unreachable[String(error.code)];
    if (reason !== undefined) return new BusError("Disconnected", `${what}: ${reason}`, { cause: error });
  }
  return error instanceof Error ? error : new Error(`${what}: ${String(error)}`);
}

function explain(code: BusErrorCode, error: NatsError): string {
  if (code === "NoResponders") return "nobody listens there";
  if (code === "Timeout") return "no answer in time";
  return error.message;
}
