import { expect, test } from "vitest";
import { Table } from "./table.ts";

test("columns stand three spaces apart, and the last one is not padded", () => {
  const rows = [
    ["NAME", "READY", "AGE"],
    ["web-12345", "1/1", "5m"],
  ];
  expect(new Table().render(rows)).toBe("NAME        READY   AGE\nweb-12345   1/1     5m\n");
});
test("narrow columns are six wide, and later rows keep the widths", () => {
  const table = new Table();
  expect(table.render([["A", "B"]])).toBe("A     B\n");
  expect(table.render([["a", "b"]])).toBe("a     b\n");
});
test("colours take no room", () => {
  expect(
    new Table().render([
      ["\u001b[31mred\u001b[39m", "x"],
      ["longer", "y"],
    ]),
  ).toContain("\u001b[31mred\u001b[39m      x");
});
