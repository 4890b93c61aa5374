// Checks what comes in over the bus before anything looks at it: decoded within limits, and of the shape that this
// agent relies on. What does not fit is answered with a Failure and goes no further.

import { z } from "zod";
import {
  type AssignMessage,
  decode,
  type EndpointsMessage,
  type EndpointsTable,
  failure,
  type PingMessage,
  type RegisterReply,
  type Result,
  type StatusCommittedMessage,
  type StreamFrame,
  type StreamRequest,
  success,
  type SupersededMessage,
} from "../protocol/mod.ts";

const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const opaqueId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const versioned = { version: z.literal(1) };
const session = whole;
const point = { logId: opaqueId, epoch: whole };

const container = z.looseObject({ name: z.string().min(1).max(253) });
const pod = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({ containers: z.array(container), initContainers: z.array(container).optional() }),
  status: z.looseObject({}).optional(),
});
export const assignedPodSchema = z.looseObject({
  uid: opaqueId,
  position: whole,
  pod,
  stop: z.looseObject({ graceSeconds: z.number().min(0), reason: z.string() }).optional(),
});
const assignHead = {
  ...versioned,
  ...point,
  session,
  to: whole,
  pods: z.array(assignedPodSchema),
  digest: whole,
  services: whole,
};
const service = z.looseObject({
  namespace: z.string().min(1),
  name: z.string().min(1),
  uid: opaqueId,
  clusterIP: z.string(),
  ports: z.array(
    z.looseObject({
      name: z.string(),
      port: whole,
      protocol: z.enum(["TCP", "UDP"]),
      nodePort: whole.optional(),
    }),
  ),
  affinitySeconds: whole.optional(),
  endpoints: z.array(
    z.looseObject({ ip: z.string(), ports: z.array(whole), node: z.string(), pod: opaqueId }),
  ),
});
const failureShape = z.looseObject({ code: z.string(), message: z.string() });
const streamHead = {
  ...versioned,
  stream: opaqueId,
  user: z.string().min(1),
  pod: opaqueId,
  container: z.string(),
};
const frameHead = { number: whole };

/** What this agent takes in, by name. */
interface Incoming {
  readonly assign: AssignMessage;
  readonly "status-committed": StatusCommittedMessage;
  readonly ping: PingMessage;
  readonly superseded: SupersededMessage;
  readonly stream: StreamRequest;
  readonly endpoints: EndpointsMessage;
  readonly "endpoints-table": EndpointsTable;
  readonly "register-reply": RegisterReply;
  readonly frame: StreamFrame;
}

const schemas: { readonly [Name in keyof Incoming]: z.ZodType } = {
  assign: z.discriminatedUnion("kind", [
    z.looseObject({ ...assignHead, kind: z.literal("full") }),
    z.looseObject({ ...assignHead, kind: z.literal("delta"), from: whole, removed: z.array(opaqueId) }),
  ]),
  "status-committed": z.looseObject({ ...versioned, session, number: whole }),
  ping: z.looseObject({ ...versioned, point: z.looseObject({ ...point, position: whole }) }),
  superseded: z.looseObject({ ...versioned, session, by: session }),
  stream: z.discriminatedUnion("kind", [
    z.looseObject({
      ...streamHead,
      kind: z.literal("logs"),
      follow: z.boolean(),
      previous: z.boolean(),
      tailLines: whole.optional(),
      sinceSeconds: z.number().min(0).optional(),
      timestamps: z.boolean(),
      limitBytes: whole.optional(),
    }),
    z.looseObject({
      ...streamHead,
      kind: z.literal("exec"),
      command: z.array(z.string()).min(1),
      stdin: z.boolean(),
      tty: z.boolean(),
    }),
  ]),
  endpoints: z.discriminatedUnion("type", [
    z.looseObject({ ...versioned, ...point, from: whole, to: whole, type: z.literal("service"), service }),
    z.looseObject({
      ...versioned,
      ...point,
      from: whole,
      to: whole,
      type: z.literal("removed"),
      namespace: z.string(),
      name: z.string(),
    }),
  ]),
  "endpoints-table": z.looseObject({ ...versioned, ...point, position: whole, services: z.array(service) }),
  "register-reply": z.discriminatedUnion("ok", [
    z.looseObject({
      ...versioned,
      ok: z.literal(true),
      session,
      point: z.looseObject({ ...point, position: whole }),
      podCidr: z.string(),
      serviceCidr: z.string(),
      heartbeatMs: z.number().int().min(10).max(60_000),
    }),
    z.looseObject({ ...versioned, ok: z.literal(false), error: failureShape }),
  ]),
  frame: z.discriminatedUnion("type", [
    z.looseObject({
      ...frameHead,
      type: z.literal("data"),
      channel: z.enum(["stdout", "stderr", "stdin"]),
      data: z.instanceof(Uint8Array),
    }),
    z.looseObject({ ...frameHead, type: z.literal("ack"), upTo: whole }),
    z.looseObject({ ...frameHead, type: z.literal("resize"), columns: whole, rows: whole }),
    z.looseObject({ ...frameHead, type: z.literal("end-of-input") }),
    z.looseObject({ ...frameHead, type: z.literal("end") }),
  ]),
};

/** Decodes and checks one message. BadRequest names the first field that is wrong. */
export function readMessage<Name extends keyof Incoming>(
  name: Name,
  data: Uint8Array,
): Result<Incoming[Name]> {
  const decoded = decode(data);
  if (!decoded.ok) return decoded;
  const { value } = decoded;
  const refusal = refusalOf(name, value);
  if (refusal !== undefined || !isIncoming(name, value)) {
    return failure("BadRequest", `${name} message: ${refusal ?? "it is of unknown shape"}`);
  }
  return success(value);
}

function refusalOf(name: keyof Incoming, value: unknown): string | undefined {
  const checked = schemas[name].safeParse(value);
  if (checked.success) return undefined;
  const [issue] = checked.error.issues;
  return `${issue?.path.join(".") || "it"}: ${issue?.message ?? "wrong"}`;
}

/** The schema was asked before; this only tells the compiler so. */
const isIncoming = <Name extends keyof Incoming>(_name: Name, value: unknown): value is Incoming[Name] =>
  typeof value === "object" && value !== null;
