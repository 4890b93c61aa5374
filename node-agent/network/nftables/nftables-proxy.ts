// Service proxy in the kernel: destination NAT by nftables maps. It keeps what it has put there, so a change is a
// difference; after a failed transaction it is built anew from what is wanted.

import { readFile } from "node:fs/promises";
import type { Logger } from "../../../actors/mod.ts";
import type { ServiceEntry } from "../../../protocol/mod.ts";
import type { ServiceProxy } from "../service-proxy.ts";
import { allowHairpin } from "./hairpin.ts";
import { runNft } from "./nft.ts";
import { emptyTable, noRules, rulesOf, type ServiceRules, tableName, transition } from "./ruleset.ts";

export interface NftablesProxyOptions {
  readonly cluster: string;
  readonly logger: Logger;
}

export function createNftablesProxy({ cluster, logger }: NftablesProxyOptions): ServiceProxy {
  const table = tableName(cluster);
  const wanted = new Map<string, ServiceEntry>();
  /** What stands in the table, as far as we put it there. */
  const services = new Map<string, ServiceRules>();
  /** How many services need each hairpin pair: one pod may serve several. */
  const hairpins = new Map<string, number>();
  let present = false;

  async function change(key: string): Promise<void> {
    if (!present) return await rebuild();
    const entry = wanted.get(key);
    const before = services.get(key) ?? noRules;
    const after = entry ? rulesOf(entry) : noRules;
    await runNft(`${transition(table, before, after)}\n${countHairpins(before.hairpin, after.hairpin)}`);
    if (entry) services.set(key, after);
    else services.delete(key);
    await allowHairpin(addressesOf(after, before));
  }

  /** Changes the counts and says which pairs come and go. */
  function countHairpins(before: ReadonlySet<string>, after: ReadonlySet<string>): string {
    const lines: string[] = [];
    for (const pair of after) {
      if (before.has(pair)) continue;
      const count = hairpins.get(pair) ?? 0;
      hairpins.set(pair, count + 1);
      if (count === 0) lines.push(`add element ip ${table} hairpin { ${pair} }`);
    }
    for (const pair of before) {
      if (after.has(pair)) continue;
      const count = (hairpins.get(pair) ?? 1) - 1;
      if (count > 0) {
        hairpins.set(pair, count);
        continue;
      }
      hairpins.delete(pair);
      lines.push(`delete element ip ${table} hairpin { ${pair} }`);
    }
    return lines.join("\n");
  }

  /** The whole table in one transaction: traffic never meets half of it. */
  async function rebuild(): Promise<void> {
    services.clear();
    hairpins.clear();
    const script = [emptyTable(table, !(await bridgesAreTracked()))];
    for (const [key, entry] of wanted) {
      const rules = rulesOf(entry);
      services.set(key, rules);
      script.push(transition(table, noRules, rules), countHairpins(noRules.hairpin, rules.hairpin));
    }
    await runNft(script.join("\n"));
    present = true;
    for (const rules of services.values()) await allowHairpin(addressesOf(rules, noRules));
  }

  /** After a refused transaction nothing is known for sure: the next change builds the table anew. */
  async function guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      present = false;
      logger.error(
        { table, error: String(error) },
        "nftables refused a change; the table will be built anew",
      );
      throw error;
    }
  }

  return {
    kind: "nftables",
    replace: (entries) => {
      wanted.clear();
      for (const entry of entries) wanted.set(keyOf(entry.namespace, entry.name), entry);
      return guarded(rebuild);
    },
    set: (entry) => {
      const key = keyOf(entry.namespace, entry.name);
      wanted.set(key, entry);
      return guarded(() => change(key));
    },
    remove: (namespace, name) => {
      const key = keyOf(namespace, name);
      wanted.delete(key);
      return guarded(() => change(key));
    },
    describe: () => `nftables table ${table}, ${services.size} services`,
    close: async ({ cleanUp }) => {
      if (cleanUp && present) await runNft(`delete table ip ${table}`);
      present = false;
    },
  };
}

/** Endpoint addresses of `rules` that `known` does not have. */
const addressesOf = (rules: ServiceRules, known: ServiceRules): string[] =>
  [...rules.hairpin].filter((pair) => !known.hairpin.has(pair)).map((pair) => pair.split(" ")[0] ?? "");

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

async function bridgesAreTracked(): Promise<boolean> {
  const text = await readFile("/proc/sys/net/bridge/bridge-nf-call-iptables", "utf8").catch(() => "0");
  return text.trim() === "1";
}
