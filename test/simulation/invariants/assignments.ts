// What agents say that they obey, in every heartbeat, against what masters have told their nodes.

import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimProcess } from "../engine/process.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

interface Said {
  readonly logId: unknown;
  readonly position: number;
  readonly digest: unknown;
}

/** What an agent says that it obeys never becomes older, as long as it lives and the log is the same one. */
export const agentsGoForward: MakeInvariant = (cluster): Invariant => {
  const name = "an agent goes forward";
  const last = new WeakMap<SimProcess, Said>();
  const changed = changedHeartbeats(cluster);
  return {
    name,
    sent(process, subject, data) {
      const said = changed(process, subject, data);
      if (!said) return;
      const before = last.get(process);
      must(
        before === undefined || before.logId !== said.logId || before.position <= said.position,
        name,
        () => `${process.name} is at ${said.position}, and was at ${before?.position}`,
      );
      last.set(process, said);
    },
  };
};

/** As of one position a node is told one thing only, whoever tells it, and has exactly that. */
export const agentsHaveWhatTheyWereTold: MakeInvariant = (cluster): Invariant => {
  const name = "an agent has what it was told";
  const told = new Map<string, number>();
  const changed = changedHeartbeats(cluster);
  return {
    name,
    sent(process, subject, data) {
      const [, whom, node, about] = subject.split(".");
      if (whom === "agent" && about === "assign" && cluster.masters.some((one) => one.process === process)) {
        const { to, digest } = cluster.decoded(data) ?? {};
        if (typeof to !== "number" || typeof digest !== "number") return;
        const before = told.get(`${node} ${to}`) ?? digest;
        must(before === digest, name, () => `${process.name} tells ${node} something else as of ${to}`);
        told.set(`${node} ${to}`, digest);
      } else {
        const said = changed(process, subject, data);
        const expected = said && told.get(`${node} ${said.position}`);
        must(
          expected === undefined || expected === said?.digest,
          name,
          () => `${process.name} obeys something else than it was told as of ${said?.position}`,
        );
      }
    },
  };
};

/** Most heartbeats say again what was said before. */
function changedHeartbeats(
  cluster: SimCluster,
): (process: SimProcess, subject: string, data: Uint8Array) => Said | undefined {
  const last = new WeakMap<SimProcess, Buffer>();
  return (process, subject, data) => {
    if (!subject.startsWith("berth.node.") || !subject.endsWith(".heartbeat")) return undefined;
    if (cluster.users.some(({ name }) => name === process.name)) return undefined;
    if (last.get(process)?.equals(data)) return undefined;
    last.set(process, Buffer.from(data));
    const { logId, position, digest } = cluster.decoded(data) ?? {};
    return typeof position === "number" ? { logId, position, digest } : undefined;
  };
}
