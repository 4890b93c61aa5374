// A watch may be cut off behind any of its messages and resumed there: in the end its reader knows what there is, and
// nothing else, whatever the commits did with the same few names.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { BerthEvent, WatchMessage } from "../../protocol/mod.ts";
import { Harness } from "./testkit/harness.ts";
import { createdPod, deleted, header, podObject, podRef } from "./testkit/written-log.ts";

const names = ["a", "b", "c"] as const;
type Name = (typeof names)[number];
const apps = ["web", "db"] as const;

interface Step {
  readonly name: Name;
  readonly app: (typeof apps)[number];
  /** What is there goes instead of being changed. */
  readonly goes: boolean;
}
const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(...names),
  app: fc.constantFrom(...apps),
  goes: fc.boolean(),
});
const commits = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

/** What there is, by name: the uid of each, and whom it is selected by. */
class Model {
  readonly present = new Map<Name, { readonly uid: string; readonly app: string }>();
  #made = 0;

  event({ name, app, goes }: Step): BerthEvent {
    const here = this.present.get(name);
    if (here && goes) {
      this.present.delete(name);
      return deleted(podRef(name, here.uid));
    }
    const uid = here?.uid ?? `uid-${++this.#made}`;
    this.present.set(name, { uid, app });
    if (!here) return createdPod(name, { app }, uid);
    const object = podRef(name, uid);
    return {
      ...header(),
      type: "ObjectUpdated",
      object,
      value: podObject(object, { app, changed: String(++this.#made) }),
      fields: ["metadata.labels"],
    };
  }
  selected(app: string | undefined): readonly string[] {
    const found = [...this.present.values()].filter((row) => app === undefined || row.app === app);
    return found.map(({ uid }) => uid).sort();
  }
}

/** As clients take it: the end of what they have never seen is nothing. */
function take(known: ReadonlyMap<string, string>, message: WatchMessage): ReadonlyMap<string, string> {
  if (message.type === "BOOKMARK" || message.type === "ERROR") return known;
  const { uid = "", resourceVersion = "" } = message.object.metadata;
  const next = new Map(known);
  if (message.type === "DELETED") next.delete(uid);
  else next.set(uid, resourceVersion);
  return next;
}

test("resumed behind any of its messages, a watch leads to the same", async () => {
  await fc.assert(
    fc.asyncProperty(commits, fc.constantFrom(undefined, ...apps), async (written, app) => {
      const harness = new Harness();
      await harness.create();
      await harness.readSide();
      const request = app === undefined ? {} : { labelSelector: `app=${app}` };
      const target = { namespace: "default" };
      const { all } = await harness.watch(target, { ...request, resourceVersion: "3" });
      const model = new Model();
      for (const steps of written) await harness.commit(...steps.map((each) => model.event(each)));
      await harness.world.settle();
      let known: ReadonlyMap<string, string> = new Map();
      let position = 3;
      const cuts = [{ known, position }];
      for (const message of [...all]) {
        expect(message.position).toBeGreaterThanOrEqual(position);
        [known, position] = [take(known, message), message.position];
        cuts.push({ known, position });
      }
      expect([...known.keys()].sort()).toEqual(model.selected(app));
      for (const cut of cuts) {
        const again = await harness.watch(target, { ...request, resourceVersion: String(cut.position) });
        const after = again.all.reduce(take, cut.known);
        expect(Object.fromEntries(after)).toEqual(Object.fromEntries(known));
      }
    }),
    { numRuns: 100 },
  );
});
