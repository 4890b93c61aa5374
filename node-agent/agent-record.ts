// What an agent remembers on disk: whom it obeys, up to where, and what was wanted. Written before it is acted upon.

import { z } from "zod";
import {
  assignmentDigest,
  type AssignedPod,
  failure,
  parseAssignedPod,
  parseServiceEntry,
  type Result,
  success,
  type Uid,
} from "../protocol/mod.ts";
import type { LogPoint, LogId, PodReport, ServiceEntry, SessionId } from "../protocol/mod.ts";
import type { Assignment } from "./assignment.ts";

export interface AgentRecord {
  readonly version: 1;
  readonly cluster: string;
  readonly node: string;
  readonly session?: SessionId;
  readonly point?: LogPoint;
  readonly retired: readonly LogId[];
  readonly podCidr: string;
  readonly pods: readonly AssignedPod[];
  /**
   * Services of the namespaces of these pods, without endpoints: what their environments are made of when they have
   * to start again before a leader is heard. Absent in older records.
   */
  readonly services?: readonly ServiceEntry[];
}

const recordSchema = z.looseObject({
  version: z.literal(1),
  cluster: z.string(),
  node: z.string(),
  session: z.number().int().min(0).optional(),
  point: z.looseObject({ logId: z.string(), epoch: z.number().int(), position: z.number().int() }).optional(),
  retired: z.array(z.string()),
  podCidr: z.string(),
  pods: z.array(z.custom<AssignedPod>((value) => parseAssignedPod(value).ok)),
  services: z.array(z.custom<ServiceEntry>((value) => parseServiceEntry(value).ok)).optional(),
});
const isRecord = (value: unknown): value is AgentRecord => recordSchema.safeParse(value).success;

/** Invalid when the text is no record. */
export function parseRecord(text: string): Result<AgentRecord> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return success(value);
    return failure("Invalid", "the agent's record is of unknown shape");
  } catch (error) {
    return failure(
      "Invalid",
      `the agent's record is no JSON: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

export const assignmentOf = (record: AgentRecord): Assignment => ({
  ...(record.session !== undefined && { session: record.session }),
  ...(record.point && { point: record.point }),
  pods: new Map(record.pods.map((pod) => [pod.uid, pod])),
  digest: assignmentDigest(record.pods),
  retired: record.retired,
});

/** The newest status of each pod goes with it, so that a new agent knows what was ready. */
export function recordOf(options: {
  readonly cluster: string;
  readonly node: string;
  readonly assignment: Assignment;
  readonly podCidr: string;
  readonly reports: ReadonlyMap<Uid, PodReport>;
  readonly services: Iterable<ServiceEntry>;
}): AgentRecord {
  const { cluster, node, assignment, podCidr, reports } = options;
  const { session, point, retired, pods } = assignment;
  const namespaces = new Set(Array.from(pods.values(), ({ pod }) => pod.metadata?.namespace));
  const services = [...options.services].filter(({ namespace }) => namespaces.has(namespace));
  return {
    version: 1,
    cluster,
    node,
    ...(session !== undefined && { session }),
    ...(point && { point }),
    retired,
    podCidr,
    pods: [...pods.values()].map((assigned) => {
      const status = reports.get(assigned.uid)?.status;
      return status ? { ...assigned, pod: { ...assigned.pod, status } } : assigned;
    }),
    services: services.map((service) => ({ ...service, endpoints: [] })),
  };
}
