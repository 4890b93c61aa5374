// Answers an agent that asks for a config map or secret: only what a pod of its node uses, and a secret only sealed
// to the node's key.

import { createHash } from "node:crypto";
import type { Ids } from "../../actors/mod.ts";
import {
  type ConfigContent,
  type ConfigReply,
  type ConfigRequest,
  configReferences,
  configSealContext,
  encode,
  failure,
  isKind,
  type Result,
  sealBox,
  success,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow, ObjectRow } from "../cluster/contract.ts";
import { openSecret, type Vault } from "../secrets/mod.ts";

export interface ConfigContentOptions {
  readonly state: ClusterState;
  readonly vault: Vault | undefined;
  readonly ids: Ids;
}

export function configReply(
  options: ConfigContentOptions,
  node: NodeRow,
  request: ConfigRequest,
): ConfigReply {
  const { kind, namespace, name } = request;
  const row = uses(options.state, node, request) ? options.state.object(kind, namespace, name) : undefined;
  if (!row) return { ok: true, version: 1 };
  const content = kind === "ConfigMap" ? success(plainContent(row)) : sealedContent(options, node, row);
  return content.ok
    ? { ok: true, version: 1, content: content.value }
    : { ok: false, version: 1, error: content.error };
}

function uses(
  state: ClusterState,
  { name: node }: NodeRow,
  { kind, namespace, name }: ConfigRequest,
): boolean {
  for (const { ref, spec } of state.podsOnNode(node)) {
    if (ref.namespace !== namespace) continue;
    if (configReferences(spec).some((config) => config.kind === kind && config.name === name)) return true;
  }
  return false;
}

function plainContent({ value, position }: ObjectRow): ConfigContent {
  const data: Record<string, Uint8Array> = {};
  if (!isKind(value, "ConfigMap")) return { position, data };
  for (const [key, text] of Object.entries(value.data ?? {})) data[key] = Buffer.from(text);
  for (const [key, text] of Object.entries(value.binaryData ?? {})) data[key] = Buffer.from(text, "base64");
  return { position, data };
}

function sealedContent(
  { vault, ids }: ConfigContentOptions,
  node: NodeRow,
  { ref, value, position }: ObjectRow,
): Result<ConfigContent> {
  const to = node.registration?.publicKey;
  if (to === undefined) {
    return failure("Forbidden", `node ${node.name} gave no key when it registered: it can't be sent secrets`);
  }
  const values = openSecret(value, vault);
  if (!values.ok) return values;
  const context = configSealContext(node.name, ref.namespace ?? "", ref.name, position);
  // Three ids hold more chance than a key has bits.
  const seed = createHash("sha256").update(`${ids.uuid()}${ids.uuid()}${ids.uuid()}`).digest();
  const sealed = sealBox(encode(values.value), { to, seed, context });
  return sealed.ok ? success({ position, sealed: sealed.value }) : sealed;
}
