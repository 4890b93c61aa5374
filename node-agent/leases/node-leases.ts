// The leases of this node's pods, as the agent sees them: what the leader has confirmed, what may be started by it,
// and what the guard has to know. Whoever has no lease does not start; ending what runs is the guard's work.

import type { Clock, Logger } from "../../actors/mod.ts";
import { type LeaseMessage, leaseTimes, type Uid } from "../../protocol/mod.ts";
import type { FenceAddress } from "../runtime/runtime.ts";
import type { LeaseHost } from "./lease-host.ts";
import { type LeaseRecord, leasesIn, parseLeaseRecord } from "./lease-record.ts";

/** A guard without leases ends within its next look. */
const guardEndMs = 3_000;
const guardLookMs = 50;

export interface NodeLeasesOptions {
  readonly host: LeaseHost;
  /** Absent where nothing but the agent could end a pod: then nothing gets a lease. */
  readonly fence: FenceAddress | undefined;
  readonly logger: Logger;
}

export class NodeLeases {
  readonly #options: NodeLeasesOptions;
  /** When the newest confirmed heartbeat was sent, by pod. */
  readonly #since: Map<Uid, number>;

  /** Goes on from what a former agent of the same boot has left: its guard may be about to act on it. */
  constructor(options: NodeLeasesOptions) {
    this.#options = options;
    const record = parseLeaseRecord(options.host.load());
    this.#since = new Map(record?.bootId === options.host.bootId ? leasesIn(record) : []);
  }

  /** What a heartbeat that is sent now says of its time; undefined where no lease can be kept. */
  now(): number | undefined {
    return this.#options.fence && Math.floor(this.#options.host.uptimeMs());
  }

  /** Nothing of the pod may be started once this is false. False without a guard, too. */
  mayStart(pod: Uid): boolean {
    const since = this.#since.get(pod);
    if (since === undefined || !this.#options.host.guarded()) return false;
    return this.#options.host.uptimeMs() - since <= leaseTimes.startWithinMs;
  }

  /** Answers the pods whose lease goes on. What was not sent by this boot's clock counts for nothing. */
  confirmed({ sent, pods }: LeaseMessage): readonly Uid[] {
    const { host, fence } = this.#options;
    if (!fence || sent > host.uptimeMs()) return [];
    const renewed = pods.filter((pod) => (this.#since.get(pod) ?? -1) < sent);
    for (const pod of renewed) this.#since.set(pod, sent);
    if (renewed.length > 0) this.#save();
    if (this.#since.size > 0 && !host.guarded()) {
      this.#options.logger.info({}, "starting the guard of leases");
      host.startGuard(fence);
    }
    return renewed;
  }

  /** Nothing of it is left on this node. */
  forget(pod: Uid): void {
    if (this.#since.delete(pod)) this.#save();
  }

  /** Nothing of any other pod is left on this node. */
  retain(isKept: (pod: Uid) => boolean): void {
    const gone = [...this.#since.keys()].filter((pod) => !isKept(pod));
    for (const pod of gone) this.#since.delete(pod);
    if (gone.length > 0) this.#save();
  }

  /** Resolves when the guard has seen that it is not needed any more; gives up waiting in time. */
  async guardEnded(clock: Clock): Promise<void> {
    const deadline = clock.monotonic() + guardEndMs;
    while (this.#options.host.guarded() && clock.monotonic() < deadline) await clock.sleep(guardLookMs);
  }

  #save(): void {
    const { stopAfterMs, killAfterMs } = leaseTimes;
    const record: LeaseRecord = {
      version: 1,
      bootId: this.#options.host.bootId,
      times: { stopAfterMs, killAfterMs },
      pods: Object.fromEntries(this.#since),
    };
    this.#options.host.save(JSON.stringify(record));
  }
}
