// Checks a read's body where it enters: only what reads use, everything else is left alone.

import { z } from "zod";
import { type ApiRequest, failure, type Position, type Result, success } from "../../protocol/mod.ts";

export type ReadRequest = Pick<
  ApiRequest,
  | "labelSelector"
  | "fieldSelector"
  | "limit"
  | "continue"
  | "minPosition"
  | "stale"
  | "resourceVersion"
  | "deliver"
  | "sealTo"
  | "events"
>;

const text = z.string().max(16 * 1024);
const position = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER))
  .transform((value) => value as Position);
const shape = z.looseObject({
  version: z.literal(1).optional(),
  labelSelector: text.optional(),
  fieldSelector: text.optional(),
  limit: z.number().int().nonnegative().optional(),
  continue: text.optional(),
  minPosition: position.optional(),
  stale: z.boolean().optional(),
  resourceVersion: z.union([text, z.number().int().nonnegative().transform(String)]).optional(),
  deliver: text.optional(),
  sealTo: text.optional(),
  events: z
    .looseObject({
      kind: text.optional(),
      name: text.optional(),
      since: position.optional(),
      newestFirst: z.boolean().optional(),
    })
    .optional(),
});

/** BadRequest names each field that is wrong; UnsupportedVersion for another version. */
export function parseReadRequest(body: unknown): Result<ReadRequest> {
  const parsed = shape.safeParse(body);
  if (parsed.success) return success(withoutUndefined(parsed.data));
  const causes = parsed.error.issues.map(({ path, message }) => ({
    field: path.join("."),
    reason: "Invalid" as const,
    message,
  }));
  const first = causes[0];
  if (first?.field === "version") {
    return failure("UnsupportedVersion", "requests are understood in version 1; update this side", causes);
  }
  return failure(
    "BadRequest",
    `the request's ${first?.field || "body"} is wrong: ${first?.message ?? ""}`,
    causes,
  );
}

function withoutUndefined(data: z.infer<typeof shape>): ReadRequest {
  const { labelSelector, fieldSelector, limit, minPosition, stale, resourceVersion, deliver, events } = data;
  const { sealTo } = data;
  return {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...(limit !== undefined && { limit }),
    ...(data.continue !== undefined && { continue: data.continue }),
    ...(minPosition !== undefined && { minPosition }),
    ...(stale !== undefined && { stale }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(deliver !== undefined && { deliver }),
    ...(sealTo !== undefined && { sealTo }),
    ...(events !== undefined && {
      events: {
        ...(events.kind !== undefined && { kind: events.kind }),
        ...(events.name !== undefined && { name: events.name }),
        ...(events.since !== undefined && { since: events.since }),
        ...(events.newestFirst !== undefined && { newestFirst: events.newestFirst }),
      },
    }),
  };
}
