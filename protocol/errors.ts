// Expected failures as values: one set of codes for API replies, agents and the client.
// A message says what was asked, what was found, and what to do.

/**
 * Error codes with the HTTP status that Kubernetes gives the same condition
 * (source: Kubernetes API conventions, "HTTP Status codes" and metav1.StatusReason).
 */
export const errorStatus = {
  BadRequest: 400,
  Invalid: 422,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotSupported: 405,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  CommandTooOld: 410,
  TooLarge: 413,
  UnsupportedVersion: 415,
  TooManyRequests: 429,
  /** An eviction that a PodDisruptionBudget does not allow now; Kubernetes says TooManyRequests. */
  DisruptionBudget: 429,
  Internal: 500,
  Unavailable: 503,
  NoLeader: 503,
  Disconnected: 503,
  Timeout: 504,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** One field that is wrong: `field` is a path such as `spec.containers[0].image`. */
export interface FieldError {
  readonly field: string;
  readonly reason:
    | "Required"
    | "Invalid"
    | "NotSupported"
    | "Duplicate"
    | "Forbidden"
    | "TooLong"
    | "Immutable"
    /** The kind has no such field. */
    | "Unknown";
  readonly message: string;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Present for `Invalid`: every field that is wrong, not only the first. */
  readonly causes?: readonly FieldError[];
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure };

export const success = <T>(value: T): Result<T> => ({ ok: true, value });

export function failure<T = never>(
  code: ErrorCode,
  message: string,
  causes?: readonly FieldError[],
): Result<T> {
  return { ok: false, error: causes ? { code, message, causes } : { code, message } };
}

/** A Failure where only an exception can travel: rejected promises of the client library. */
export class BerthError extends Error {
  readonly code: ErrorCode;
  readonly causes: readonly FieldError[];
  constructor(error: Failure, options?: ErrorOptions) {
    super(error.message, options);
    this.name = "BerthError";
    this.code = error.code;
    this.causes = error.causes ?? [];
  }
  get status(): number {
    return errorStatus[this.code];
  }
}

/** Takes the value out of a result or throws its failure; for edges where exceptions are the convention. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new BerthError(result.error);
}

/** Ends every switch over a union: a new member becomes a type error here. */
export function assertNever(value: never, what = "value"): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}

/** A value found in somebody's input, short enough for an error message and safe to print whatever it is. */
export function quoteValue(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > maxQuotedLength ? `${value.slice(0, maxQuotedLength)}…` : value);
  }
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
const maxQuotedLength = 80;
