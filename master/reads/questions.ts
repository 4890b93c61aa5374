// Answers one read: waits until the state is as new as was asked for, then asks the part that knows.

import type { Bus, BusMessage, Clock, EventLog } from "../../actors/mod.ts";
import {
  type ApiObject,
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  assertNever,
  failure,
  type Position,
  type Prefix,
  type Result,
  success,
} from "../../protocol/mod.ts";
import { defaultNamespace, targetKind } from "../api/target-kind.ts";
import { type EventReader, listEvents, why } from "../history/mod.ts";
import type { AcceptedFold } from "./accepted-fold.ts";
import { answered, refused } from "./answer.ts";
import { clusterStatus } from "./cluster-status.ts";
import { type LeaderPosition, notReached } from "./leader-position.ts";
import { measuresOf, withLiveMetrics } from "../autoscaling/mod.ts";
import type { Figures } from "../figures/mod.ts";
import { getObject, listObjects } from "./list-objects.ts";
import type { StatusGatherer } from "./live-status.ts";
import type { PinnedLists } from "./pinned-lists.ts";
import { questionOf } from "./read-target.ts";
import type { Reveal } from "./reveal.ts";
import { usageObjects } from "./usage-objects.ts";
import type { WatchHub } from "./watch-hub.ts";

/** A read waits this long for the fold to reach what it asks for. */
export const reachTimeoutMs = 2000;

export interface QuestionsOptions {
  readonly fold: AcceptedFold;
  readonly reader: EventReader;
  readonly watches: WatchHub;
  readonly pinned: PinnedLists;
  readonly leader: LeaderPosition;
  readonly gatherer: StatusGatherer;
  readonly figures: Figures;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly release: string;
  readonly reveal: Reveal;
  /** Of the cluster's secret key; undefined where there is none. */
  readonly sealingKey: () => string | undefined;
}

export class Questions {
  readonly #options: QuestionsOptions;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  async answer(message: BusMessage, target: ApiTarget, request: ApiRequest): Promise<ApiReply> {
    const question = questionOf(target);
    if (!question.ok) return refused(question.error);
    const { fold, pinned, watches, gatherer } = this.#options;
    // The status is what one asks when things go wrong: it shows what there is. A later page stands at its first's.
    if (question.value !== "status" && request.continue === undefined) {
      const fresh = await this.#isFresh(request);
      if (!fresh.ok) return refused(fresh.error);
    }
    switch (question.value) {
      case "object": {
        const found = this.#live(getObject(fold.state, target));
        const object = found.ok ? this.#options.reveal(found.value, request.sealTo) : found;
        if (!object.ok) return refused(object.error);
        return answered(fold.position, { type: "object", object: object.value });
      }
      case "list":
        return this.#revealed(
          listObjects(fold.state, target, { request, pinned, pageBytes: this.#pageBytes }),
          request,
        );
      case "watch": {
        const watch = await watches.open(message, target, request);
        return watch.ok ? answered(fold.position, watch.value) : refused(watch.error);
      }
      case "why":
        return this.#why(target);
      case "history":
      case "events":
        return this.#events(target, request);
      case "sealing-key":
        return this.#sealingKey();
      case "usage": {
        const { figures, clock } = this.#options;
        const sources = { state: fold.state, figures, now: clock.now(), pageBytes: this.#pageBytes };
        return usageObjects(sources, target, request);
      }
      case "status": {
        const status = await clusterStatus(this.#options, await gatherer.gather());
        return answered(fold.position, { type: "status", status });
      }
      default:
        return assertNever(question.value, "question");
    }
  }

  /** Waits for `minPosition`, or for the leader's accepted position; Expired for one that this log never reached. */
  async #isFresh({ minPosition, resourceVersion, stale }: ApiRequest): Promise<Result<true>> {
    const { fold, leader } = this.#options;
    if (stale) return success(true);
    const resumed = /^\d{1,16}$/.test(resourceVersion ?? "")
      ? (Number(resourceVersion) as Position)
      : undefined;
    let wanted = minPosition ?? resumed;
    if (wanted === undefined) {
      const accepted = await leader.ask();
      if (!accepted.ok) return accepted;
      const { position, sequence } = accepted.value;
      if (!(await fold.reachesSequence(sequence, reachTimeoutMs))) return notReached(position, fold.position);
      wanted = position;
    }
    if (await fold.reaches(wanted, fold.position >= wanted ? 0 : reachTimeoutMs)) return success(true);
    const accepted = await leader.ask();
    if (accepted.ok && accepted.value.position < wanted) {
      const message = `position ${wanted} was asked for, this log ends at ${accepted.value.position}: it is of another log, or a tail was lost; list again`;
      return failure("Expired", message);
    }
    return notReached(wanted, fold.position);
  }

  #sealingKey(): ApiReply {
    const { fold, sealingKey } = this.#options;
    const publicKey = sealingKey();
    if (publicKey === undefined) {
      const message = "this cluster has no secret key: start every master with --secret-key-file";
      return refused({ code: "NotFound", message });
    }
    const metadata = { name: "requests" };
    const object = { apiVersion: "berth/v1", kind: "SealingKey", metadata, publicKey };
    return answered(fold.position, { type: "object", object });
  }

  /** Autoscalers show the figures of this moment. */
  #live(found: Result<ApiObject>): Result<ApiObject> {
    return found.ok
      ? success(withLiveMetrics(this.#options.fold.state, found.value, this.#looking()))
      : found;
  }

  #looking(): Parameters<typeof withLiveMetrics>[2] {
    const { fold, figures, prefix, clock } = this.#options;
    return { measures: measuresOf(figures, fold.state, prefix), now: clock.now() };
  }

  #revealed(reply: ApiReply, { sealTo }: ApiRequest): ApiReply {
    if (reply.ok && reply.type === "list" && reply.kind === "HorizontalPodAutoscaler") {
      const looking = this.#looking();
      const { state } = this.#options.fold;
      return { ...reply, items: reply.items.map((item) => withLiveMetrics(state, item, looking)) };
    }
    if (!reply.ok || reply.type !== "list" || reply.kind !== "Secret") return reply;
    const items: ApiObject[] = [];
    for (const item of reply.items) {
      const object = this.#options.reveal(item, sealTo);
      if (!object.ok) return refused(object.error);
      items.push(object.value);
    }
    return { ...reply, items };
  }

  /** JSON takes more than what is measured, and the reply has other parts. */
  get #pageBytes(): number {
    return this.#options.bus.maxPayload / 4;
  }

  async #why(target: ApiTarget): Promise<ApiReply> {
    const { fold, reader } = this.#options;
    const kind = targetKind(target);
    if (!kind.ok) return refused(kind.error);
    const { kind: kindName, namespaced, resource } = kind.value;
    if (target.name === undefined) {
      return refused({ code: "BadRequest", message: `why needs the name of one of the ${resource}` });
    }
    const namespace = namespaced ? { namespace: target.namespace ?? defaultNamespace } : {};
    const { position } = fold;
    const sources = { state: fold.state, index: fold.index, reader };
    const story = await why(sources, { kind: kindName, ...namespace, name: target.name });
    return story.ok ? answered(position, { type: "why", story: story.value }) : refused(story.error);
  }

  /** `list berth events`, or the `history` of one object. */
  async #events(target: ApiTarget, request: ApiRequest): Promise<ApiReply> {
    const { fold, reader } = this.#options;
    const { kind, name, since, newestFirst } = request.events ?? {};
    const about = { kind, name, namespace: target.allNamespaces ? undefined : target.namespace };
    if (target.subresource === "history") {
      const info = targetKind(target);
      if (!info.ok) return refused(info.error);
      about.kind = info.value.kind;
      about.name = target.name;
      about.namespace = info.value.namespaced ? (target.namespace ?? defaultNamespace) : undefined;
    }
    const { position } = fold;
    const events = await listEvents(fold.index, reader, {
      pageBytes: this.#pageBytes,
      ...(about.kind !== undefined && { kind: about.kind }),
      ...(about.name !== undefined && { name: about.name }),
      ...(about.namespace !== undefined && { namespace: about.namespace }),
      ...(since !== undefined && { since }),
      ...(newestFirst !== undefined && { newestFirst }),
      ...(request.limit !== undefined && { limit: request.limit }),
      ...(request.continue !== undefined && { continue: request.continue }),
    });
    return events.ok ? answered(position, events.value) : refused(events.error);
  }
}
