// Where pods get the content of config maps and secrets from.

import type { ConfigName, ConfigReference } from "../../protocol/mod.ts";

export type ConfigValues = Readonly<Record<string, Uint8Array>>;

export interface ConfigSource {
  /**
   * The values at the reference's position or a later one; undefined when there is no such object. Rejects when they
   * cannot be had now.
   */
  values(namespace: string, reference: ConfigReference): Promise<ConfigValues | undefined>;
}

/** Values of everything that one pod uses, as far as it exists. */
export type PodConfigs = (config: ConfigName) => ConfigValues | undefined;

/** For pods that use none, and for machines without masters. */
export const noConfigs: ConfigSource = { values: () => Promise.resolve(undefined) };
