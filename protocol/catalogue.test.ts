import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { catalogueFiles } from "./catalogue.ts";
import { eventGroups } from "./catalogue-events.ts";
import { eventTypes } from "./event-versions.ts";

describe("the catalogue", () => {
  test.each(catalogueFiles)(
    "docs/$name is what the protocol says (node protocol/catalogue.ts --write)",
    ({ url, make }) => {
      expect(readFileSync(url, "utf8")).toBe(make());
    },
  );
  test("names every event once", () => {
    expect(eventGroups.flatMap((group) => group.types).toSorted()).toEqual([...eventTypes].toSorted());
  });
});
