// Checks what masters answer before anything uses it. Shapes only: the objects inside are the cluster's business.

import { z } from "zod";
import {
  type ApiReply,
  errorStatus,
  failure,
  type Result,
  success,
  type WatchMessage,
} from "../protocol/mod.ts";

const position = z.number().int().nonnegative();
const object = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({}) });
const failureShape = z.looseObject({
  code: z.enum(Object.keys(errorStatus) as [string, ...string[]]),
  message: z.string(),
  causes: z.array(z.looseObject({ field: z.string(), reason: z.string(), message: z.string() })).optional(),
});
const answer = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("object"), object }),
  z.looseObject({ type: z.literal("list"), kind: z.string(), items: z.array(object) }),
  z.looseObject({ type: z.literal("watch"), watch: z.string(), bookmarkMs: z.number().positive() }),
  z.looseObject({ type: z.literal("stream"), stream: z.string(), container: z.string() }),
  z.looseObject({ type: z.literal("events"), events: z.array(z.looseObject({ type: z.string(), position })) }),
  z.looseObject({ type: z.literal("why"), story: z.looseObject({ text: z.string(), children: z.array(z.unknown()) }) }),
  z.looseObject({ type: z.literal("status"), status: z.looseObject({ version: z.string() }) }),
]);
const replyShape = z.union([
  z.looseObject({ ok: z.literal(false), error: failureShape }),
  z.looseObject({ ok: z.literal(true), position, warnings: z.array(z.string()).optional() }).and(answer),
]);
const watchShape = z.looseObject({ watch: z.string(), number: z.number().int().positive(), position }).and(
  z.discriminatedUnion("type", [
    z.looseObject({ type: z.enum(["ADDED", "MODIFIED", "DELETED"]), object }),
    z.looseObject({ type: z.literal("BOOKMARK") }),
    z.looseObject({ type: z.literal("ERROR"), error: failureShape }),
  ]),
);

const isReply = (value: unknown): value is ApiReply => replyShape.safeParse(value).success;
const isWatchMessage = (value: unknown): value is WatchMessage => watchShape.safeParse(value).success;

export const readReply = (value: unknown): Result<ApiReply> =>
  isReply(value)
    ? success(value)
    : failure("Internal", "a master's reply has an unknown shape; are master and client of like versions?");

export const readWatchMessage = (value: unknown): Result<WatchMessage> =>
  isWatchMessage(value) ? success(value) : failure("Internal", "a watch message has an unknown shape");
