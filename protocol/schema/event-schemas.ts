// Schema of every event, by type. New versions of an event get an entry in event-versions.ts as well.

import { z } from "zod";
import type { EndpointSubsetValue } from "../commands.ts";
import type { BerthEvent, CommandResult, Commit, EventType } from "../events.ts";
import type { PodCondition, PodStatus, PodTemplateSpec } from "../objects/object.ts";
import { nodeRegistration, nodeStatus } from "./agent-schemas.ts";
import {
  apiObject,
  commandId,
  count,
  epoch,
  failureSchema,
  fields,
  kubernetes,
  limits,
  logId,
  masterId,
  nodeName,
  objectRef,
  ownerReference,
  placement,
  position,
  principal,
  propagation,
  refusal,
  sequence,
  session,
  taints,
  text,
  textMap,
  time,
  uid,
  version1,
} from "./parts.ts";

const header = {
  version: count.min(1),
  at: time,
  by: principal,
  cause: z.union([commandId, position]).exactOptional(),
};
const about = { ...header, object: objectRef };

const commandResult: z.ZodType<CommandResult> = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    outcome: z.enum(["created", "configured", "unchanged", "deleted"]),
    object: objectRef,
  }),
  z.object({ ok: z.literal(false), error: failureSchema }),
]);

const endpointAddress = z.object({ ip: text, nodeName, pod: z.object({ name: text, uid }) });
export const endpointSubset: z.ZodType<EndpointSubsetValue> = z.object({
  addresses: z.array(endpointAddress).max(limits.endpoints),
  notReadyAddresses: z.array(endpointAddress).max(limits.endpoints),
  ports: z
    .array(z.object({ name: text.exactOptional(), port: count.max(65_535), protocol: text }))
    .max(limits.ports),
});

type SchemaOf<T extends EventType> = z.ZodType<Extract<BerthEvent, { readonly type: T }>>;
const type = <T extends EventType>(name: T): z.ZodLiteral<T> => z.literal(name);

export const eventSchemas: { readonly [T in EventType]: SchemaOf<T> } = {
  LogCreated: z.object({ ...header, type: type("LogCreated"), logId }),
  LogRestored: z.object({ ...header, type: type("LogRestored"), logId }),
  LevelRaised: z.object({ ...header, type: type("LevelRaised"), level: count }),
  ClusterConfigured: z.object({
    ...header,
    type: type("ClusterConfigured"),
    podCidr: text,
    serviceCidr: text,
  }),
  LeaderElected: z.object({ ...header, type: type("LeaderElected"), epoch, master: masterId }),
  LeaderStoodDown: z.object({ ...header, type: type("LeaderStoodDown"), epoch, master: masterId }),
  LeasesConfirmed: z.object({
    ...header,
    type: type("LeasesConfirmed"),
    nodes: z.array(nodeName).max(limits.items),
  }),
  CommandCompleted: z.object({
    ...header,
    type: type("CommandCompleted"),
    command: commandId,
    result: commandResult,
  }),
  ObjectCreated: z.object({
    ...about,
    type: type("ObjectCreated"),
    value: apiObject,
    submitted: apiObject.exactOptional(),
    manager: text.exactOptional(),
    operation: z.enum(["Create", "Apply"]).exactOptional(),
    reason: text.exactOptional(),
  }),
  ObjectUpdated: z.object({
    ...about,
    type: type("ObjectUpdated"),
    value: apiObject,
    fields: z.array(text).max(limits.words),
    submitted: apiObject.exactOptional(),
    manager: text.exactOptional(),
    operation: z.enum(["Update", "Apply", "Patch", "Scale"]).exactOptional(),
    reason: text.exactOptional(),
  }),
  StatusUpdated: z.object({ ...about, type: type("StatusUpdated"), status: fields }),
  DeletionRequested: z.object({
    ...about,
    type: type("DeletionRequested"),
    propagation,
    gracePeriodSeconds: count.exactOptional(),
    reason: text,
  }),
  FinalizerRemoved: z.object({ ...about, type: type("FinalizerRemoved"), finalizer: text }),
  ObjectDeleted: z.object({ ...about, type: type("ObjectDeleted"), reason: text }),
  OwnersChanged: z.object({
    ...about,
    type: type("OwnersChanged"),
    owners: z.array(ownerReference).max(limits.words),
    reason: text,
  }),
  TemplateRecorded: z.object({
    ...about,
    type: type("TemplateRecorded"),
    template: text,
    value: kubernetes<PodTemplateSpec>("PodTemplateSpec"),
  }),
  PodCreated: z.object({
    ...about,
    type: type("PodCreated"),
    template: text,
    owner: ownerReference,
    reason: text,
    node: nodeName.exactOptional(),
    labels: textMap.exactOptional(),
    annotations: textMap.exactOptional(),
    hostname: text.exactOptional(),
    claims: textMap.exactOptional(),
  }),
  PodBound: z.object({
    ...about,
    type: type("PodBound"),
    node: nodeName,
    placement: placement.exactOptional(),
  }),
  PodUnschedulable: z.object({ ...about, type: type("PodUnschedulable"), refusal }),
  PodNominated: z.object({
    ...about,
    type: type("PodNominated"),
    node: nodeName,
    victims: z.array(objectRef).max(limits.items),
  }),
  PodStatusObserved: z.object({
    ...about,
    type: type("PodStatusObserved"),
    node: nodeName,
    status: kubernetes<PodStatus>("PodStatus"),
  }),
  PodConditionsSet: z.object({
    ...about,
    type: type("PodConditionsSet"),
    conditions: z.array(kubernetes<PodCondition>("PodCondition")).max(limits.items),
  }),
  TerminationReleased: z.object({
    ...about,
    type: type("TerminationReleased"),
    reason: z.enum(["NotServing", "Acknowledged", "WaitEnded"]),
  }),
  PodFailed: z.object({ ...about, type: type("PodFailed"), reason: text, message: text }),
  NodeRegistered: z.object({
    ...about,
    type: type("NodeRegistered"),
    registration: nodeRegistration,
    podCidr: text,
  }),
  NodeSuspected: z.object({ ...about, type: type("NodeSuspected"), silentMs: time }),
  NodeLost: z.object({ ...about, type: type("NodeLost"), silentMs: time }),
  NodeRecovered: z.object({ ...about, type: type("NodeRecovered"), session }),
  NodeFenced: z.object({ ...about, type: type("NodeFenced"), reason: text }),
  NodeStatusObserved: z.object({ ...about, type: type("NodeStatusObserved"), status: nodeStatus }),
  TaintsChanged: z.object({ ...about, type: type("TaintsChanged"), taints, reason: text }),
  ReportsReceived: z.object({ ...about, type: type("ReportsReceived"), session, number: count }),
  EndpointsChanged: z.object({
    ...about,
    type: type("EndpointsChanged"),
    subsets: z.array(endpointSubset).max(limits.ports),
  }),
};

/** The commit around its events, which are checked by type and version apart. */
export const commitSchema: z.ZodType<Omit<Commit, "events"> & { readonly events: readonly unknown[] }> =
  z.object({
    version: version1,
    epoch,
    previous: sequence,
    firstPosition: position,
    events: z.array(z.unknown()).min(1).max(limits.events),
  });
