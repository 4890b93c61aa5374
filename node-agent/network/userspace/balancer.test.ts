import { expect, test } from "vitest";
import { tryOrder } from "./balancer.ts";

const targets = [1, 2, 3, 4].map((number) => ({ ip: `10.0.0.${number}`, port: 80 }));
const chance = (value: number) => ({
  next: () => value,
  below: (limit: number) => Math.floor(value * limit),
});

test("without affinity every endpoint comes first for some draw, and all are tried", () => {
  const firsts = [0, 0.25, 0.5, 0.75].map((value) => tryOrder(targets, chance(value))[0]);
  expect(firsts).toEqual(targets);
  expect(new Set(tryOrder(targets, chance(0.6)))).toEqual(new Set(targets));
});

test("with affinity a client keeps its endpoint when another one leaves", () => {
  for (let client = 0; client < 50; client++) {
    const key = `127.0.0.${client}`;
    const [first, second] = tryOrder(targets, chance(0), key);
    const without = targets.filter((target) => target !== second);
    expect(tryOrder(without, chance(0.9), key)[0]).toEqual(first);
  }
});

test("clients spread over the endpoints", () => {
  const clients = Array.from({ length: 200 }, (_, index) => `127.0.${index % 7}.${index}`);
  const firsts = clients.map((client) => tryOrder(targets, chance(0), client)[0]?.ip);
  for (const { ip } of targets) expect(firsts.filter((first) => first === ip).length).toBeGreaterThan(20);
});
