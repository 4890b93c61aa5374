// Where in the log everything happened, built while folding: about 14 bytes an event, and an entry per object that
// ever was. It holds no events; they are read back from the log (event-reader.ts).

import type {
  BerthEvent,
  Commit,
  EventType,
  ObjectRef,
  Position,
  Sequence,
  Uid,
} from "../../protocol/mod.ts";
import { GrowableNumbers } from "./growable-numbers.ts";

/** What is known of an object, gone or not. */
export interface ObjectEntry {
  readonly ref: ObjectRef;
  /** Its first and last event that this index holds. */
  readonly first: Position;
  readonly last: Position;
  /** Its ObjectDeleted. */
  readonly deleted: Position | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export type ObjectName = Pick<ObjectRef, "kind" | "namespace" | "name">;

/** Numbers of the objects of one kind in one namespace, by name; most names belong to one object ever. */
type Names = Map<string, number | number[]>;

export class HistoryIndex {
  /** Per commit. */
  readonly #sequences = new GrowableNumbers(Float64Array);
  readonly #firstPositions = new GrowableNumbers(Float64Array);
  /** Per event: type, number of the object plus one (0: none), and how many events back its previous one is. */
  readonly #types = new GrowableNumbers(Uint8Array);
  readonly #objects = new GrowableNumbers(Uint32Array);
  readonly #back = new GrowableNumbers(Uint32Array);

  readonly #typeNames: EventType[] = [];
  readonly #typeNumbers = new Map<EventType, number>();
  readonly #entries: Mutable<ObjectEntry>[] = [];
  readonly #byUid = new Map<Uid, number>();
  /** By kind and namespace. No joined keys: making and hashing them was a tenth of the read side's fold. */
  readonly #byName = new Map<string, Map<string, Names>>();

  /** Position of the first event that is held; what was before it has been trimmed. */
  get first(): Position {
    return (this.#firstPositions.at(0) || 1) as Position;
  }
  get last(): Position {
    return (this.first + this.#types.length - 1) as Position;
  }

  add(commit: Commit, sequence: Sequence): void {
    this.#sequences.push(sequence);
    this.#firstPositions.push(commit.firstPosition);
    let position: number = commit.firstPosition;
    for (const event of commit.events) this.#addEvent(event, position++ as Position);
  }

  #addEvent(event: BerthEvent, position: Position): void {
    this.#types.push(this.#typeNumber(event.type));
    if (!("object" in event)) {
      this.#objects.push(0);
      this.#back.push(0);
      return;
    }
    const number = this.#byUid.get(event.object.uid) ?? this.#newObject(event.object, position);
    this.#objects.push(number + 1);
    const entry = this.#entries[number];
    this.#back.push(entry ? position - entry.last : 0);
    if (!entry) return;
    // Entries change in place: a copy for every event was most of the cost of replay here.
    entry.last = position;
    if (event.type === "ObjectDeleted") entry.deleted = position;
  }

  #newObject(ref: ObjectRef, position: Position): number {
    const number = this.#entries.length;
    // `deleted` stands there from the start: added later, it would cost every entry a second allocation.
    this.#entries.push({ ref, first: position, last: position, deleted: undefined });
    this.#byUid.set(ref.uid, number);
    const names = this.#namesFor(ref);
    const named = names.get(ref.name);
    if (named === undefined) names.set(ref.name, number);
    else if (typeof named === "number") names.set(ref.name, [named, number]);
    else named.push(number);
    return number;
  }

  #namesFor({ kind, namespace = "" }: ObjectName): Names {
    let namespaces = this.#byName.get(kind);
    if (!namespaces) this.#byName.set(kind, (namespaces = new Map()));
    let names = namespaces.get(namespace);
    if (!names) namespaces.set(namespace, (names = new Map()));
    return names;
  }

  #typeNumber(type: EventType): number {
    let number = this.#typeNumbers.get(type);
    if (number === undefined) {
      number = this.#typeNames.push(type) - 1;
      this.#typeNumbers.set(type, number);
    }
    return number;
  }

  holds(position: Position): boolean {
    return position >= this.first && position <= this.last;
  }

  /** Stream sequence of the commit with this event; undefined when it is not held. */
  sequenceOf(position: Position): Sequence | undefined {
    if (!this.holds(position)) return undefined;
    return this.#sequences.at(this.#firstPositions.lastAtMost(position)) as Sequence;
  }

  /** First position of the commit with this event, as far as it is held. */
  commitOf(position: Position): Position {
    const found = this.holds(position)
      ? this.#firstPositions.at(this.#firstPositions.lastAtMost(position))
      : 0;
    return Math.max(found, this.first) as Position;
  }

  typeAt(position: Position): EventType | undefined {
    return this.holds(position) ? this.#typeNames[this.#types.at(position - this.first)] : undefined;
  }

  objectAt(position: Position): ObjectEntry | undefined {
    const number = this.holds(position) ? this.#objects.at(position - this.first) : 0;
    return number > 0 ? this.#entries[number - 1] : undefined;
  }

  object(uid: Uid): ObjectEntry | undefined {
    const number = this.#byUid.get(uid);
    return number === undefined ? undefined : this.#entries[number];
  }

  /** Every object that had this name, newest first. */
  named({ kind, namespace = "", name }: ObjectName): readonly ObjectEntry[] {
    const numbers = this.#byName.get(kind)?.get(namespace)?.get(name) ?? [];
    return [numbers]
      .flat()
      .flatMap((number) => this.#entries[number] ?? [])
      .reverse();
  }

  /** Positions of the object's events, newest first. */
  *positionsOf(uid: Uid): Generator<Position, void, void> {
    const entry = this.object(uid);
    if (!entry) return;
    for (let position: number = entry.last; ; ) {
      yield position as Position;
      const back = this.#back.at(position - this.first);
      if (back === 0) return;
      position -= back;
    }
  }
}
