// Config maps and secrets that pods of this node use: asked of the leader when a pod refers to a newer one than is
// here, and kept, so that a restarted agent finds them with the masters away. Secrets are kept sealed.

import {
  type AssignedPod,
  type BoxKeys,
  BerthError,
  configKey,
  type ConfigContent,
  type ConfigReference,
  configSealContext,
  decode,
  openBox,
  unwrap,
} from "../../protocol/mod.ts";
import type { ConfigCache } from "./config-cache.ts";
import type { ConfigSource, ConfigValues } from "./config-source.ts";

export interface ConfigStoreOptions {
  readonly node: string;
  readonly keys: BoxKeys;
  readonly cache: ConfigCache;
  /** Asks the leader; undefined when there is no such object for this node. Rejects when nobody answers. */
  fetch(namespace: string, reference: ConfigReference): Promise<ConfigContent | undefined>;
}

export class ConfigStore implements ConfigSource {
  readonly #options: ConfigStoreOptions;
  readonly #known = new Map<string, ConfigContent>();
  /** Pods of one set start together: they share one question. */
  readonly #asked = new Map<string, Promise<ConfigContent | undefined>>();

  constructor(options: ConfigStoreOptions) {
    this.#options = options;
  }

  async values(namespace: string, reference: ConfigReference): Promise<ConfigValues | undefined> {
    const { position } = reference;
    if (position === undefined) return undefined;
    const key = configKey(namespace, reference);
    const known = this.#known.get(key) ?? (await this.#options.cache.load(key));
    const content =
      known && known.position >= position ? known : await this.#fetch(key, namespace, reference);
    if (content) this.#known.set(key, content);
    return content && this.#open(content, namespace, reference);
  }

  /** Forgets what none of these pods uses. */
  async retain(pods: Iterable<Pick<AssignedPod, "pod" | "configs">>): Promise<void> {
    const keys = new Set<string>();
    for (const { pod, configs = [] } of pods) {
      for (const config of configs) keys.add(configKey(pod.metadata?.namespace ?? "default", config));
    }
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
    await this.#options.cache.retain(keys);
  }

  #fetch(key: string, namespace: string, reference: ConfigReference): Promise<ConfigContent | undefined> {
    const question = `${key}@${reference.position}`;
    const asked = this.#asked.get(question);
    if (asked) return asked;
    const answer = this.#options
      .fetch(namespace, reference)
      .then(async (content) => {
        if (content) await this.#options.cache.save(key, content);
        return content;
      })
      .finally(() => this.#asked.delete(question));
    this.#asked.set(question, answer);
    return answer;
  }

  #open(content: ConfigContent, namespace: string, { kind, name }: ConfigReference): ConfigValues {
    const { position, data, sealed } = content;
    if (!sealed) return data ?? {};
    const { node, keys } = this.#options;
    const clear = openBox(sealed, keys, configSealContext(node, namespace, name, position));
    if (clear.ok) return valuesOf(unwrap(decode(clear.value)));
    // Sealed to a former key of this node: what was kept is of no use.
    this.#known.delete(configKey(namespace, { kind, name }));
    throw new BerthError({ code: "Invalid", message: `secret "${name}" does not open with this node's key` });
  }
}

function valuesOf(value: unknown): ConfigValues {
  const values: Record<string, Uint8Array> = {};
  if (typeof value !== "object" || value === null) return values;
  for (const [key, bytes] of Object.entries(value)) if (bytes instanceof Uint8Array) values[key] = bytes;
  return values;
}
