// Drawing from a seeded source: everything that a seed decides is decided through these.

import type { Random } from "../../../actors/mod.ts";
import { seededRandom } from "../../../actors/memory/seeded-random.ts";

export class Draw implements Random {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }
  next(): number {
    return this.#random.next();
  }
  below(limit: number): number {
    return this.#random.below(limit);
  }
  /** Whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
  chance(probability: number): boolean {
    return this.next() < probability;
  }
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
  weighted<Item>(choices: readonly (readonly [weight: number, item: Item])[]): Item {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of choices) {
      left -= weight;
      if (left < 0) return item;
    }
    return this.pick(choices)[1];
  }
  /** Small values are common, large ones come up: between `least` and `most` on a logarithmic scale. */
  spread(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.next());
  }
  /** A source of its own, so that what one part draws changes nothing for the others. */
  fork(): Draw {
    return new Draw(this.below(2 ** 31) + 2 ** 31 * this.below(2 ** 20));
  }
}
