// Reads manifests: YAML or JSON, several documents in a text, lists taken apart. Input may be hostile, so it is bounded
// in bytes, keys and depth, and every problem names its file, document and line.

import { Lexer, LineCounter, parseAllDocuments } from "yaml";
import { type ApiObject, failure, type Result, success } from "../protocol/mod.ts";
import { PlainReader, type Report } from "./yaml-values.ts";

/** What one text may hold; the hard limit of a commit, so a larger one could not be stored as one object anyway. */
export const maxManifestBytes = 4 * 1024 * 1024;
/** Keys of all documents of a text. */
export const maxManifestKeys = 300_000;
/** Nesting; the deepest Kubernetes object is below 20. */
export const maxManifestDepth = 50;

export interface ManifestDocument {
  readonly object: ApiObject;
  readonly source: string;
  /** Which document of the text, from 1. */
  readonly document: number;
  /** Which item, from 1, where the document is a List. */
  readonly item?: number;
  /** Line where it begins, from 1. */
  readonly line: number;
}
export interface ManifestProblem {
  readonly code: "TooLarge" | "Invalid";
  readonly source: string;
  readonly document?: number;
  readonly line?: number;
  /** Complete: it begins with `file:line: document N: `. */
  readonly message: string;
}
export interface ManifestFile {
  readonly documents: readonly ManifestDocument[];
  /** Documents with a problem are not among `documents`; the others may be used. */
  readonly problems: readonly ManifestProblem[];
}

/** Never throws. `source` is the file's name as the messages show it. */
export function readManifests(text: string, source: string): ManifestFile {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxManifestBytes) {
    return onlyProblem(
      "TooLarge",
      source,
      `${bytes} bytes are more than the ${maxManifestBytes} that a manifest may have`,
    );
  }
  const refusal = scanTokens(text);
  if (refusal) return onlyProblem(refusal.code, source, refusal.text, refusal.line);
  try {
    return readDocuments(text, source);
  } catch (error) {
    if (error instanceof RangeError)
      return onlyProblem("Invalid", source, `nested deeper than ${maxManifestDepth}`);
    throw error;
  }
}

/** One value of any shape, such as a patch; `Invalid` and `TooLarge` name the source. Never throws. */
export function readValue(text: string, source: string): Result<unknown> {
  if (Buffer.byteLength(text) > maxManifestBytes) {
    return failure("TooLarge", `${source}: more than ${maxManifestBytes} bytes`);
  }
  const refusal = scanTokens(text);
  if (refusal) return failure(refusal.code, `${source}:${refusal.line}: ${refusal.text}`);
  const [parsed, ...others] = parsePart({ text, line: 1 });
  if (!parsed || others.length > 0) return failure("Invalid", `${source}: expected one value`);
  const problems: string[] = [];
  const value = parsed.read((message, offset) => {
    problems.push(`${source}:${parsed.lineAt(offset)}: ${message}`);
  });
  return problems.length > 0 ? failure("Invalid", problems.join("; ")) : success(value);
}

function readDocuments(text: string, source: string): ManifestFile {
  const documents: ManifestDocument[] = [];
  const problems: ManifestProblem[] = [];
  let document = 0;
  for (const part of splitDocuments(text)) {
    for (const parsed of parsePart(part)) {
      document++;
      const place = { source, document };
      const report = (message: string, offset: number): void => {
        problems.push(problemAt(place, parsed.lineAt(offset), message));
      };
      const before = problems.length;
      const value = parsed.read(report);
      if (problems.length > before || value === null) continue;
      const line = parsed.lineAt(parsed.start);
      for (const found of takeApart(value, (message) => report(message, parsed.start))) {
        documents.push({ ...place, ...found, line });
      }
    }
  }
  return { documents, problems };
}

interface Part {
  readonly text: string;
  /** Line of the file where it begins, from 1. */
  readonly line: number;
}

/**
 * A line that begins with `---` begins a document, wherever it stands (YAML 1.2, 9.1.2). Split here and not by the
 * parser, so that a document which leaves a bracket open does not swallow the next one.
 */
function splitDocuments(text: string): readonly Part[] {
  const parts: Part[] = [];
  let start = 0;
  let line = 1;
  const take = (end: number): void => {
    const part = text.slice(start, end);
    // Comments and directives before the first marker are no document.
    if (part.split("\n").some((one) => !/^\s*(#|%|$)/.test(one))) parts.push({ text: part, line });
    for (const character of part) if (character === "\n") line++;
    start = end;
  };
  for (const { index } of text.matchAll(/^---(?=\s|$)/gm)) if (index > 0) take(index);
  take(text.length);
  return parts;
}

interface Parsed {
  readonly start: number;
  lineAt(offset: number): number;
  /** Null for an empty document, and when something was reported. */
  read(report: Report): unknown;
}

function parsePart({ text, line }: Part): readonly Parsed[] {
  const lineCounter = new LineCounter();
  // Duplicate keys are checked by our own reader: the library's check takes quadratic time.
  const parsed = parseAllDocuments(text, {
    lineCounter,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  if (!Array.isArray(parsed)) return [];
  const reader = new PlainReader(maxManifestDepth);
  return parsed.map((document) => ({
    start: document.contents?.range?.[0] ?? 0,
    lineAt: (offset) => line - 1 + Math.max(1, lineCounter.linePos(offset).line),
    read: (report) => {
      const wrong = [...document.errors, ...document.warnings];
      for (const error of wrong) report(error.message, error.pos[0]);
      return wrong.length > 0 || document.contents === null ? null : reader.read(document.contents, report);
    },
  }));
}

function takeApart(
  value: unknown,
  report: (message: string) => void,
): { readonly object: ApiObject; readonly item?: number }[] {
  const missing = whatIsMissing(value);
  if (missing) {
    report(missing);
    return [];
  }
  if (!isApiObject(value)) return [];
  const { kind, items } = value;
  if (!kind.endsWith("List") || !Array.isArray(items)) return [{ object: value }];
  const found: { object: ApiObject; item: number }[] = [];
  for (const [index, item] of items.entries()) {
    const wrong = whatIsMissing(item);
    if (wrong) report(`item ${index + 1} of the list: ${wrong}`);
    else if (isApiObject(item)) found.push({ object: item, item: index + 1 });
  }
  return found;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function whatIsMissing(value: unknown): string | undefined {
  if (!isRecord(value)) return "expected an object with apiVersion, kind and metadata";
  for (const field of ["apiVersion", "kind"]) {
    const text = value[field];
    if (text === undefined) return `${field} is not set`;
    if (typeof text !== "string" || text === "")
      return `${field} must be a text, found ${JSON.stringify(text)}`;
  }
  if (String(value["kind"]).endsWith("List") && Array.isArray(value["items"])) return undefined;
  if (!isRecord(value["metadata"])) return "metadata is not set";
  return undefined;
}

const isApiObject = (value: unknown): value is ApiObject => whatIsMissing(value) === undefined;

function problemAt(
  place: { readonly source: string; readonly document: number },
  line: number,
  text: string,
): ManifestProblem {
  const message = `${place.source}:${line}: document ${place.document}: ${text}`;
  return { code: "Invalid", ...place, line, message };
}

function onlyProblem(
  code: "TooLarge" | "Invalid",
  source: string,
  text: string,
  line?: number,
): ManifestFile {
  const message = `${source}${line === undefined ? "" : `:${line}`}: ${text}`;
  return { documents: [], problems: [{ code, source, message, ...(line !== undefined && { line }) }] };
}

/** Counts keys and nesting before anything recursive sees the text; the lexer runs in linear time. */
function scanTokens(
  text: string,
): { readonly code: "TooLarge" | "Invalid"; readonly text: string; readonly line: number } | undefined {
  let line = 1;
  let keys = 0;
  let flow = 0;
  let marksOnLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token.includes("\n")) {
      line += token.split("\n").length - 1;
      marksOnLine = 0;
    }
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow--;
    else if (token === ":" || token === "," || token === "-" || token === "?") {
      keys++;
      if (token !== ",") marksOnLine++;
      if (flow > 0) marksOnLine = 0;
    }
    if (keys > maxManifestKeys) {
      return { code: "TooLarge", text: `more than ${maxManifestKeys} fields and items`, line };
    }
    if (flow > maxManifestDepth || marksOnLine > maxManifestDepth) {
      return { code: "Invalid", text: `nested deeper than ${maxManifestDepth}`, line };
    }
  }
  return undefined;
}
