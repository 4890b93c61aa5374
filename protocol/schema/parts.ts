// Schemas of the pieces that messages and events share. Each yields exactly the type of the contract.

import { z } from "zod";
import type { DeletePropagation, Placement, Preconditions, Principal, Refusal } from "../commands.ts";
import { type ErrorCode, errorStatus, type Failure, type FieldError } from "../errors.ts";
import type {
  CommandId,
  Epoch,
  LogId,
  MasterId,
  NodeName,
  Position,
  Sequence,
  SessionId,
  Uid,
} from "../ids.ts";
import { isDnsSubdomain } from "../ids.ts";
import type { ApiObject, ObjectRef, OwnerReference, Taint } from "../objects/object.ts";
import { createReport } from "../objects/report.ts";
import { checkObject, isRecord } from "../objects/structure.ts";

/** Longest lists and texts of messages; what holds more is split by its sender. */
export const limits = {
  /** Reasons, messages, names of other systems. */
  text: 32 * 1024,
  /** Pods of one node, in one message. */
  podsOfNode: 10_000,
  /** Endpoints of one service. */
  endpoints: 20_000,
  services: 20_000,
  ports: 1_000,
  events: 50_000,
  words: 1_000,
  items: 100_000,
  streamId: 128,
} as const;

const whole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const opaqueId = /^[A-Za-z0-9_-]{1,64}$/;
const opaque = (value: unknown): boolean => typeof value === "string" && opaqueId.test(value);
const wholeText = "must be a whole number from 0 to 2^53-1";
const opaqueText = "must be 1 to 64 of A-Z a-z 0-9 _ -";

export const position = z.custom<Position>(whole, wholeText);
export const sequence = z.custom<Sequence>(whole, wholeText);
export const epoch = z.custom<Epoch>(whole, wholeText);
export const session = z.custom<SessionId>(whole, wholeText);
export const logId = z.custom<LogId>(opaque, opaqueText);
export const uid = z.custom<Uid>(opaque, opaqueText);
export const commandId = z.custom<CommandId>(opaque, opaqueText);
export const masterId = z.custom<MasterId>(opaque, opaqueText);
export const nodeName = z.custom<NodeName>(
  (value) => typeof value === "string" && isDnsSubdomain(value),
  "must be an RFC 1123 subdomain",
);

export const text = z.string().max(limits.text);
/** Whole, not negative, up to 2^53-1. */
export const count = z.int().min(0);
/** Milliseconds since 1970, or lengths of time in ms; fractions may come from clocks. */
export const time = z.number().min(0);
export const version1 = z.literal(1);
export const words = z.array(text).max(limits.words);
export const textMap = z.record(text, text);
export const principal: z.ZodType<Principal> = text.min(1);
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "must be binary");
export const fields = z.custom<Readonly<Record<string, unknown>>>(isRecord, "must be an object");

export const fieldError: z.ZodType<FieldError> = z.object({
  field: text,
  reason: z.enum([
    "Required",
    "Invalid",
    "NotSupported",
    "Duplicate",
    "Forbidden",
    "TooLong",
    "Immutable",
    "Unknown",
  ]),
  message: text,
});
/** Codes of a newer peer count as Internal: the message still says what happened. */
const errorCode = text.transform(
  (code): ErrorCode => (Object.hasOwn(errorStatus, code) ? (code as ErrorCode) : "Internal"),
);
export const failureSchema: z.ZodType<Failure> = z.object({
  code: errorCode,
  message: z.string(),
  causes: z.array(fieldError).max(limits.words).exactOptional(),
});

export const objectRef: z.ZodType<ObjectRef> = z.object({
  kind: text.min(1),
  namespace: text.exactOptional(),
  name: text,
  uid,
});
/** Any object: `admit` looks into what users submit; what masters send was looked at. */
export const apiObject = z.custom<ApiObject>(
  (value) =>
    isRecord(value) &&
    typeof value["apiVersion"] === "string" &&
    typeof value["kind"] === "string" &&
    isRecord(value["metadata"]),
  "must be an object with apiVersion, kind and metadata",
);

/** A value of one of Kubernetes' types (`PodStatus`), checked field by field; unknown fields are left out. */
export function kubernetes<T>(typeName: string): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const report = createReport();
    const copy = checkObject(value, typeName, "", { report, unknown: [] });
    for (const error of report.errors) {
      const path = error.field === "" ? [] : [error.field];
      context.issues.push({ code: "custom", message: error.message, path, input: value });
    }
    // The table of fields is made from the declaration of this very type.
    return copy as T;
  });
}
export const taint = kubernetes<Taint>("Taint");
export const taints = z.array(taint).max(limits.words);
export const ownerReference = kubernetes<OwnerReference>("OwnerReference");

export const propagation: z.ZodType<DeletePropagation> = z.enum(["Foreground", "Background", "Orphan"]);
export const preconditions: z.ZodType<Preconditions> = z.object({
  uid: uid.exactOptional(),
  resourceVersion: text.exactOptional(),
});

export const placement: z.ZodType<Placement> = z.object({
  candidates: count,
  refused: z.record(text, count),
  scores: z.array(z.object({ node: nodeName, score: z.number(), parts: z.record(text, z.number()) })).max(5),
});
export const refusal: z.ZodType<Refusal> = z.object({
  nodes: count,
  refused: z.record(text, count),
  message: text,
});
