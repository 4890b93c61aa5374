// All watches of one master: opens them, feeds them what each commit changed, and ends them.

import type { Bus, BusMessage, BusSubscription, Cancel, World } from "../../actors/mod.ts";
import {
  type ApiAnswer,
  type ApiObject,
  type ApiRequest,
  type ApiTarget,
  decodeBody,
  failure,
  inboxPrefix,
  parsePosition,
  type Position,
  type Positioned,
  type Prefix,
  type Result,
  success,
  type Uid,
  watchBookmarkMs,
} from "../../protocol/mod.ts";
import { endpointsUid } from "../cluster/render-endpoints.ts";
import { type EventReader, lastKnown, type ObjectEntry } from "../history/mod.ts";
import type { AcceptedFold, FoldListener } from "./accepted-fold.ts";
import { encoderFor } from "./answer.ts";
import { selectObjects } from "./list-objects.ts";
import { entriesSince, missedChanges, presentObject } from "./missed-changes.ts";
import { ObjectChanges } from "./object-changes.ts";
import { parseSelection, type Selection } from "./selection.ts";
import type { Reveal } from "./reveal.ts";
import { type WatchItem, WatchSession } from "./watch-session.ts";

export const maxWatchesPerUser = 200;
export const maxWatches = 5000;
/** Objects that are gone whose last form is read back for a resumed watch; of more, the rest is passed over. */
const maxGoneRead = 500;
const maxSubjectLength = 256;

export interface WatchHubOptions {
  readonly fold: AcceptedFold;
  readonly reader: EventReader;
  readonly bus: Bus;
  readonly world: World;
  readonly prefix: Prefix;
  readonly reveal: Reveal;
}

export class WatchHub implements FoldListener {
  readonly #options: WatchHubOptions;
  readonly #changes: ObjectChanges;
  readonly #sessions = new Map<WatchSession, BusSubscription>();
  #tick: Cancel | undefined;

  constructor(options: WatchHubOptions) {
    this.#options = options;
    this.#changes = new ObjectChanges(options.fold.state);
  }

  get count(): number {
    return this.#sessions.size;
  }

  beforeCommit(events: readonly Positioned[]): void {
    if (this.#sessions.size === 0) return;
    const kinds = new Set<string>();
    for (const session of this.#sessions.keys()) kinds.add(session.kind);
    this.#changes.begin(events, (kind) => kinds.has(kind));
  }

  afterCommit(): void {
    const changes = this.#changes.end();
    if (changes.length === 0) return;
    for (const session of this.#sessions.keys()) {
      for (const change of changes) if (change.kind === session.kind) session.change(change);
    }
  }

  /** TooManyRequests beyond the limits; Expired when `resourceVersion` is older than what the log holds. */
  async open(
    message: Pick<BusMessage, "data" | "headers">,
    target: ApiTarget,
    request: ApiRequest,
  ): Promise<Result<Extract<ApiAnswer, { type: "watch" }>>> {
    const { fold, bus, world, prefix } = this.#options;
    const selection = parseSelection(target, request);
    if (!selection.ok) return selection;
    const deliver = checkDeliver(request.deliver, inboxPrefix(prefix, target.user));
    if (!deliver.ok) return deliver;
    const room = this.#checkRoom(target.user);
    if (!room.ok) return room;
    const since = request.resourceVersion === undefined ? undefined : parsePosition(request.resourceVersion);
    if (since && !since.ok) return failure("Invalid", `resourceVersion: ${since.error.message}`);
    const gone = new Map<Uid, ApiObject>();
    // While the last forms are read, more objects may go.
    for (let more = true; since && more; ) {
      const unread = this.#goneUnread(selection.value, since.value, gone);
      if (!unread.ok) return unread;
      more = unread.value.length > 0;
      for (const entry of unread.value) gone.set(entry.ref.uid, await this.#lastForm(selection.value, entry));
    }

    // From here on nothing waits: the first items and the changes that follow must not leave a gap.
    const begin = this.#firstItems(selection.value, since?.value, gone);
    if (!begin.ok) return begin;
    const session: WatchSession = new WatchSession({
      bus,
      clock: world.clock,
      logger: world.logger,
      id: world.ids.uuid(),
      user: target.user,
      deliver: deliver.value,
      selection: selection.value,
      encode: encoderFor(message),
      reveal: (object) => this.#options.reveal(object, request.sealTo),
      onEnd: (ended) => this.#forget(ended),
    });
    const alive = bus.subscribe(`${deliver.value}.alive`, (said) => {
      if (saysEnd(said)) session.end();
      else session.alive();
    });
    this.#sessions.set(session, alive);
    this.#tick ??= world.clock.after(watchBookmarkMs, () => this.#onTick());
    // The reply should be on its way before the first message; the client copes with either order.
    session.begin([...begin.value, { type: "BOOKMARK", position: fold.position }]);
    world.clock.after(0, () => session.release());
    return success({ type: "watch", watch: session.id, bookmarkMs: watchBookmarkMs });
  }

  /** Ends every watch; their clients resume at another master. */
  stop(): void {
    this.#tick?.();
    this.#tick = undefined;
    for (const session of this.#sessions.keys()) {
      session.end({ code: "Unavailable", message: "this master stops; resume the watch at another" });
    }
  }

  #firstItems(
    selection: Selection,
    since: Position | undefined,
    gone: ReadonlyMap<Uid, ApiObject>,
  ): Result<readonly WatchItem[]> {
    const { state, index, position } = this.#options.fold;
    if (since === undefined) {
      const items = selectObjects(state, selection);
      return success(items.map((object) => ({ type: "ADDED", object, position })));
    }
    const entries = entriesSince(index, selection, since);
    return entries.ok
      ? success(missedChanges(state, entries.value, { index, selection, since, gone }))
      : entries;
  }

  /** Objects that are gone since, and whose last form is not among those that were read. */
  #goneUnread(
    selection: Selection,
    since: Position,
    read: ReadonlyMap<Uid, ApiObject>,
  ): Result<readonly ObjectEntry[]> {
    const { fold } = this.#options;
    const entries = entriesSince(fold.index, selection, since);
    if (!entries.ok) return entries;
    const isGone = (entry: ObjectEntry): boolean =>
      entry.first <= since && !presentObject(fold.state, entry, selection.info.kind);
    const gone = entries.value.filter(isGone).slice(-maxGoneRead);
    return success(gone.filter(({ ref }) => !read.has(ref.uid)));
  }

  async #lastForm({ info }: Selection, entry: ObjectEntry): Promise<ApiObject> {
    const { fold, reader } = this.#options;
    const object = await lastKnown(fold.index, reader, entry);
    return entry.ref.kind === info.kind ? object : endpointsOf(object, entry.ref.uid);
  }

  #checkRoom(user: string): Result<true> {
    let own = 0;
    for (const session of this.#sessions.keys()) if (session.user === user) own++;
    if (own >= maxWatchesPerUser) {
      return failure("TooManyRequests", `user ${user} has ${own} watches, the limit; end some`);
    }
    if (this.#sessions.size >= maxWatches) {
      return failure("TooManyRequests", `this master has ${maxWatches} watches, the limit; try again later`);
    }
    return success(true);
  }

  #onTick(): void {
    this.#tick = undefined;
    const { fold, world } = this.#options;
    for (const session of this.#sessions.keys()) {
      if (session.isAlive) session.push({ type: "BOOKMARK", position: fold.position });
      else session.end();
    }
    if (this.#sessions.size > 0) this.#tick = world.clock.after(watchBookmarkMs, () => this.#onTick());
  }

  #forget(session: WatchSession): void {
    this.#sessions.get(session)?.unsubscribe();
    this.#sessions.delete(session);
  }
}

/** The Endpoints object that went with its service. */
const endpointsOf = ({ metadata }: ApiObject, service: Uid): ApiObject => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { ...metadata, uid: endpointsUid(service) },
});

/** A client that is done says so with `{ end: true }` instead of falling silent. */
function saysEnd({ data, headers }: BusMessage): boolean {
  const { body } = decodeBody(data, headers);
  return (
    body.ok &&
    typeof body.value === "object" &&
    body.value !== null &&
    Reflect.get(body.value, "end") === true
  );
}

/** Only inboxes, and of the named ones only the user's own: a master must not publish elsewhere for anyone. */
function checkDeliver(deliver: string | undefined, own: string): Result<string> {
  const isInbox = deliver !== undefined && (deliver.startsWith("_INBOX.") || deliver.startsWith(`${own}.`));
  if (isInbox && deliver.length <= maxSubjectLength && !/[*>\s]|\.\.|\.$/.test(deliver))
    return success(deliver);
  return failure(
    "BadRequest",
    `watch needs \`deliver\`, a subject under ${own} or _INBOX, found ${JSON.stringify(deliver ?? "")}`,
  );
}
