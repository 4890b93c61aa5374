// Schemas of the messages between agents and masters.

import { z } from "zod";
import type {
  AssignedPod,
  AssignMessage,
  BeatMessage,
  ConfigContent,
  ConfigReply,
  ConfigRequest,
  DeleteVolumesMessage,
  EndpointsAckMessage,
  EndpointsMessage,
  EndpointsSyncMessage,
  EndpointsTable,
  HeartbeatMessage,
  LogPoint,
  PingMessage,
  PongMessage,
  RegisterMessage,
  RegisterReply,
  ServiceEntry,
  StatusCommittedMessage,
  StatusMessage,
  StreamReply,
  StreamRequest,
  LeaseMessage,
  SupersededMessage,
  SyncMessage,
  VolumeDeletedMessage,
  VolumeSource,
} from "../agent-messages.ts";
import type { NodeRegistration, PodReport } from "../commands.ts";
import type { NodeName, Uid } from "../ids.ts";
import type { NodeStatus, Pod, PodStatus } from "../objects/object.ts";
import type { UsageMessage } from "../usage-message.ts";
import {
  bytes,
  count,
  epoch,
  failureSchema,
  kubernetes,
  limits,
  logId,
  nodeName,
  position,
  session,
  taints,
  text,
  textMap,
  time,
  uid,
  version1,
  words,
} from "./parts.ts";

const logPoint = z.object({ logId, epoch, position }) satisfies z.ZodType<LogPoint>;
const refused = z.object({ ok: z.literal(false), version: version1, error: failureSchema });
const uids = z.array(uid).max(limits.podsOfNode);

export const nodeRegistration: z.ZodType<NodeRegistration> = z.object({
  agentVersion: text,
  bootId: text,
  instance: text,
  hostname: text,
  addresses: z.array(z.object({ type: text, address: text })).max(limits.words),
  labels: textMap,
  taints: taints.exactOptional(),
  capacity: z.object({ cpuMilli: count, memoryBytes: count, pods: count }),
  runtime: z.object({ name: text, version: text, details: textMap.exactOptional() }),
  os: z.object({ platform: text, arch: text, kernel: text, image: text.exactOptional() }),
  publicKey: text.exactOptional(),
});

export const podReport: z.ZodType<PodReport> = z.object({
  uid,
  status: kubernetes<PodStatus>("PodStatus"),
  gone: z.boolean().exactOptional(),
});
export const nodeStatus = kubernetes<NodeStatus>("NodeStatus");

export const register: z.ZodType<RegisterMessage> = z.object({
  version: version1,
  registration: nodeRegistration,
  last: logPoint.extend({ session }).exactOptional(),
  pods: uids,
});
export const registerReply: z.ZodType<RegisterReply> = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    version: version1,
    session,
    point: logPoint,
    podCidr: text,
    serviceCidr: text,
    heartbeatMs: time,
  }),
  refused,
]);
export const heartbeat: z.ZodType<HeartbeatMessage> = z.object({
  version: version1,
  session,
  logId,
  epoch,
  position,
  digest: count,
  endpoints: position,
  reported: count,
  lease: count.exactOptional(),
});
const amounts = { cpuMilli: time, memoryBytes: time };
export const usage: z.ZodType<UsageMessage> = z.object({
  version: version1,
  session,
  at: time,
  intervalMs: time,
  windowMs: time,
  node: z.object(amounts),
  pods: z
    .array(
      z.object({
        uid,
        containers: z.array(z.object({ name: text, ...amounts })).max(limits.words),
      }),
    )
    .max(limits.podsOfNode),
});
export const status: z.ZodType<StatusMessage> = z.object({
  version: version1,
  session,
  number: count,
  pods: z.array(podReport).max(limits.podsOfNode),
  node: nodeStatus.exactOptional(),
});
export const sync: z.ZodType<SyncMessage> = z.object({ version: version1, session, reason: text });
export const endpointsSync: z.ZodType<EndpointsSyncMessage> = z.object({ version: version1, session });
export const endpointsAck: z.ZodType<EndpointsAckMessage> = z.object({
  version: version1,
  session,
  position,
});

const configName = { kind: z.enum(["ConfigMap", "Secret"]), name: text };
export const config: z.ZodType<ConfigRequest> = z.object({
  version: version1,
  session,
  ...configName,
  namespace: text,
});
const configContent: z.ZodType<ConfigContent> = z.object({
  position,
  data: z.record(text, bytes).exactOptional(),
  sealed: bytes.exactOptional(),
});
export const configReply: z.ZodType<ConfigReply> = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), version: version1, content: configContent.exactOptional() }),
  refused,
]);

const volumeSource: z.ZodType<VolumeSource> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("directory"), handle: text, begun: z.boolean() }),
  z.object({
    type: z.literal("engine"),
    handle: text,
    driver: text,
    options: textMap,
    begun: z.boolean(),
  }),
  z.object({ type: z.literal("path"), path: text, pathType: text }),
]);
export const deleteVolumes: z.ZodType<DeleteVolumesMessage> = z.object({
  version: version1,
  session,
  volumes: z.array(z.object({ uid, source: volumeSource })).max(limits.words),
});
export const volumeDeleted: z.ZodType<VolumeDeletedMessage> = z.object({
  version: version1,
  session,
  volume: uid,
  error: text.exactOptional(),
});

export const assignedPod: z.ZodType<AssignedPod> = z.object({
  uid,
  position,
  pod: kubernetes<Pod>("Pod"),
  stop: z.object({ graceSeconds: z.number().min(0), reason: text }).exactOptional(),
  configs: z
    .array(z.object({ ...configName, position: position.exactOptional() }))
    .max(limits.items)
    .exactOptional(),
  volumes: z
    .array(z.object({ name: text, source: volumeSource, readOnly: z.boolean().exactOptional() }))
    .max(limits.words)
    .exactOptional(),
});
const assignment = z.object({
  version: version1,
  session,
  logId,
  epoch,
  to: position,
  pods: z.array(assignedPod).max(limits.podsOfNode),
  digest: count,
  services: position,
});
export const assign: z.ZodType<AssignMessage> = z.discriminatedUnion("kind", [
  assignment.extend({ kind: z.literal("full") }),
  assignment.extend({ kind: z.literal("delta"), from: position, removed: uids }),
]);
export const statusCommitted: z.ZodType<StatusCommittedMessage> = z.object({
  version: version1,
  session,
  number: count,
});
export const ping: z.ZodType<PingMessage> = z.object({ version: version1, point: logPoint });
export const pong: z.ZodType<PongMessage> = z.object({ version: version1, session });
export const superseded: z.ZodType<SupersededMessage> = z.object({ version: version1, session, by: session });
export const lease: z.ZodType<LeaseMessage> = z.object({
  version: version1,
  session,
  sent: count,
  pods: uids,
});

const streamRequest = z.object({
  version: version1,
  stream: text.min(1).max(limits.streamId),
  user: text,
  pod: uid,
  container: text,
});
export const stream: z.ZodType<StreamRequest> = z.discriminatedUnion("kind", [
  streamRequest.extend({
    kind: z.literal("logs"),
    follow: z.boolean(),
    previous: z.boolean(),
    tailLines: count.exactOptional(),
    sinceSeconds: time.exactOptional(),
    timestamps: z.boolean(),
    limitBytes: count.exactOptional(),
  }),
  streamRequest.extend({ kind: z.literal("exec"), command: words, stdin: z.boolean(), tty: z.boolean() }),
  streamRequest.extend({
    kind: z.literal("attach"),
    stdin: z.boolean(),
    tty: z.boolean(),
    replay: z.boolean().exactOptional(),
  }),
  streamRequest.extend({
    kind: z.literal("archive"),
    operation: z.enum(["stat", "read", "write"]),
    path: text,
  }),
  streamRequest.extend({ kind: z.literal("port-forward"), port: z.int().min(1).max(65_535) }),
]);
export const streamReply: z.ZodType<StreamReply> = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), version: version1 }),
  refused,
]);

const port = z.int().min(0).max(65_535);
export const serviceEntry: z.ZodType<ServiceEntry> = z.object({
  namespace: text,
  name: text,
  uid,
  clusterIP: text,
  ports: z
    .array(z.object({ name: text, port, protocol: z.enum(["TCP", "UDP"]), nodePort: port.exactOptional() }))
    .max(limits.ports),
  affinitySeconds: time.exactOptional(),
  externalName: text.exactOptional(),
  endpoints: z
    .array(
      z.object({
        ip: text,
        ports: z.array(port).max(limits.ports),
        // Addresses that a user wrote are of no node and no pod.
        node: z.union([nodeName, z.literal("" as NodeName)]),
        pod: z.union([uid, z.literal("" as Uid)]),
        hostname: text.exactOptional(),
      }),
    )
    .max(limits.endpoints),
});
const endpointsChange = z.object({ version: version1, logId, epoch, from: position, to: position });
export const endpoints: z.ZodType<EndpointsMessage> = z.discriminatedUnion("type", [
  endpointsChange.extend({ type: z.literal("service"), service: serviceEntry }),
  endpointsChange.extend({ type: z.literal("removed"), namespace: text, name: text }),
]);
export const endpointsTable: z.ZodType<EndpointsTable> = z.object({
  version: version1,
  logId,
  epoch,
  position,
  services: z.array(serviceEntry).max(limits.services),
});

export const beat: z.ZodType<BeatMessage> = z.object({
  version: version1,
  master: text,
  epoch,
  logId,
  position,
  at: time,
});
