// Tables with columns of the user's choice: `-o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image`, or
// from a file with titles on its first line and paths on its second.

import type { ApiObject } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { find } from "./jsonpath/find.ts";
import { valueText } from "./jsonpath/render.ts";
import { parseRelaxedPath, type Path } from "./jsonpath/template.ts";
import { Table } from "./table.ts";

export interface Column {
  readonly title: string;
  readonly path: Path;
}

export function parseColumns(
  text: string,
  form: "custom-columns" | "custom-columns-file",
): readonly Column[] {
  return form === "custom-columns" ? fromSpec(text) : fromFile(text);
}

function fromSpec(text: string): readonly Column[] {
  // A comma may stand in the brackets of a path, too.
  return text.split(/,(?![^[]*\])/).map((column) => {
    const at = column.indexOf(":");
    if (at < 1 || at === column.length - 1) {
      throw new UsageError(`custom-columns takes TITLE:path,…; found ${JSON.stringify(column)}`);
    }
    return { title: column.slice(0, at), path: parseRelaxedPath(column.slice(at + 1)) };
  });
}

function fromFile(text: string): readonly Column[] {
  const [titles = [], paths = []] = text.split("\n").map((line) => line.trim().split(/\s+/));
  if (titles.length !== paths.length) {
    throw new UsageError(
      `custom-columns-file needs as many paths on its second line as titles on its first, found ${titles.length} titles and ${paths.length} paths`,
    );
  }
  return titles.map((title, index) => ({ title, path: parseRelaxedPath(paths[index] ?? "") }));
}

export function renderColumns(
  columns: readonly Column[],
  objects: readonly ApiObject[],
  headers: boolean,
): string {
  const rows = objects.map((object) =>
    columns.map(({ path }) => find(path, object).map(valueText).join(",") || "<none>"),
  );
  return new Table().render([...(headers ? [columns.map(({ title }) => title)] : []), ...rows]);
}
