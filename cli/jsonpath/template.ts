// JSONPath templates as kubectl has them: text with expressions in braces, and {range …}{end} over what one finds.
// Source: Kubernetes documentation, "JSONPath Support". Regular expressions are none of it.

import { UsageError } from "../errors.ts";

export type Step =
  | { readonly type: "root" }
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "everything" }
  /** Every value at any depth. */
  | { readonly type: "descend" }
  | { readonly type: "index"; readonly index: number }
  | { readonly type: "slice"; readonly start?: number; readonly end?: number; readonly step: number }
  | { readonly type: "union"; readonly branches: readonly Path[] }
  | { readonly type: "filter"; readonly filter: Filter };
export type Path = readonly Step[];

export type Operand =
  | { readonly type: "path"; readonly path: Path }
  | { readonly type: "value"; readonly value: string | number | boolean | null };
export const operators = ["==", "!=", "<=", ">=", "<", ">"] as const;
export interface Filter {
  readonly left: Operand;
  /** Absent: what the left side names must be there. */
  readonly compare?: { readonly operator: (typeof operators)[number]; readonly right: Operand };
}

export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "path"; readonly path: Path }
  | { readonly type: "range"; readonly over: Path; readonly parts: readonly Part[] };

/** A whole template; UsageError says what is wrong, and where. */
export function parseTemplate(text: string): readonly Part[] {
  const parts: Part[] = [];
  const open: { readonly over: Path; readonly parts: Part[] }[] = [];
  const into = (): Part[] => open.at(-1)?.parts ?? parts;
  for (let at = 0; at < text.length; ) {
    const brace = text.indexOf("{", at);
    if (brace !== at) into().push({ type: "text", text: text.slice(at, brace < 0 ? undefined : brace) });
    if (brace < 0) break;
    const reader = new Reader(text, brace + 1);
    reader.blanks();
    if (reader.take("end")) {
      const ended = open.pop();
      if (!ended) throw reader.wrong("{end} without {range}");
      into().push({ type: "range", ...ended });
    } else if (reader.take("range")) open.push({ over: reader.path(), parts: [] });
    else into().push(...reader.expressions());
    at = reader.close();
  }
  if (open.length > 0) throw new UsageError(`a {range} of ${JSON.stringify(text)} has no {end}`);
  return parts;
}

/** One path, as columns, sorting and waiting take it: `.a.b`, `a.b`, `{.a.b}`. */
export function parseRelaxedPath(text: string): Path {
  const inner = text.trim().replace(/^\{([^]*)\}$/, "$1");
  const reader = new Reader(/^[.[$@]/.test(inner) ? inner : `.${inner}`, 0);
  const path = reader.path();
  reader.blanks();
  if (reader.done) return path;
  throw reader.wrong("expected one path such as .metadata.name");
}

const plainName = /^(?:[^\s.[\]{}()'"=!<>,\\]|\\.)+/;
const numberText = /^-?\d+(\.\d+)?/;

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }
  get done(): boolean {
    return this.#at >= this.#text.length;
  }
  get #rest(): string {
    return this.#text.slice(this.#at);
  }
  wrong(message: string): UsageError {
    return new UsageError(`JSONPath ${JSON.stringify(this.#text)}, character ${this.#at + 1}: ${message}`);
  }
  blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
  /** A sign, or a word with nothing of a word behind it. */
  take(expected: string): boolean {
    if (!this.#rest.startsWith(expected)) return false;
    if (/\w$/.test(expected) && /^\w/.test(this.#rest.slice(expected.length))) return false;
    this.#at += expected.length;
    return true;
  }
  #expect(sign: string): void {
    this.blanks();
    if (!this.take(sign)) throw this.wrong(`expected ${sign}`);
  }
  #match(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#rest)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
  /** The place after the closing brace. */
  close(): number {
    this.#expect("}");
    return this.#at;
  }

  /** What stands between two braces: paths and quoted texts, one after the other. */
  expressions(): readonly Part[] {
    const parts: Part[] = [];
    for (this.blanks(); !this.done && !this.#rest.startsWith("}"); this.blanks()) {
      const text = this.#quoted();
      parts.push(text === undefined ? { type: "path", path: this.path() } : { type: "text", text });
    }
    return parts;
  }

  path(): Path {
    this.blanks();
    const steps: Step[] = [];
    if (this.take("$")) steps.push({ type: "root" });
    else this.take("@");
    const start = this.#at;
    for (;;) {
      if (this.take("..")) {
        steps.push({ type: "descend" });
        if (!this.#rest.startsWith("[")) steps.push(this.#name());
      } else if (this.take(".")) {
        // A dot alone is the present value.
        if (/^[\s}\])=!<>,]|^$/.test(this.#rest)) break;
        if (!this.#rest.startsWith("[")) steps.push(this.#name());
      } else if (this.take("[")) steps.push(this.#bracket());
      else break;
    }
    if (this.#at === start && steps.length === 0 && this.#text[this.#at - 1] !== "@") {
      throw this.wrong("expected a path such as .metadata.name");
    }
    return steps;
  }
  #name(): Step {
    if (this.take("*")) return { type: "everything" };
    const name = this.#match(plainName);
    if (name === undefined) throw this.wrong("expected the name of a field");
    return { type: "field", name: name.replace(/\\(.)/g, "$1") };
  }

  #bracket(): Step {
    this.blanks();
    if (this.take("?(")) return this.#filter();
    const branches: Path[] = [this.#branch()];
    for (this.blanks(); this.take(","); this.blanks()) branches.push(this.#branch());
    this.#expect("]");
    const [only] = branches;
    if (branches.length === 1 && only?.length === 1 && only[0]) return only[0];
    return { type: "union", branches };
  }
  /** `*`, `0`, `-1`, `0:2`, `'a.b'`, `.a.b` */
  #branch(): Path {
    this.blanks();
    if (this.take("*")) return [{ type: "everything" }];
    if (/^[.$@]/.test(this.#rest)) return this.path();
    const name = this.#quoted();
    if (name !== undefined) return [{ type: "field", name }];
    const numbers = this.#match(/^-?\d*(\s*:\s*-?\d*){0,2}/) ?? "";
    const [start, end, step] = numbers.split(":").map((text) => text.trim());
    if (end === undefined && start) return [{ type: "index", index: Number(start) }];
    if (end === undefined) throw this.wrong("expected *, a number, a range such as 0:2, or a name in quotes");
    return [
      {
        type: "slice",
        ...(start && { start: Number(start) }),
        ...(end && { end: Number(end) }),
        step: step ? Number(step) : 1,
      },
    ];
  }

  #filter(): Step {
    const left = this.#operand();
    this.blanks();
    const operator = operators.find((sign) => this.take(sign));
    const filter = operator ? { left, compare: { operator, right: this.#operand() } } : { left };
    this.#expect(")");
    this.#expect("]");
    return { type: "filter", filter };
  }
  #operand(): Operand {
    this.blanks();
    const text = this.#quoted();
    if (text !== undefined) return { type: "value", value: text };
    const number = this.#match(numberText);
    if (number !== undefined) return { type: "value", value: Number(number) };
    for (const value of [true, false, null]) {
      if (this.take(String(value))) return { type: "value", value };
    }
    return { type: "path", path: this.path() };
  }

  #quoted(): string | undefined {
    const text = this.#match(/^'(?:[^'\\]|\\.)*'|^"(?:[^"\\]|\\.)*"/);
    if (text === undefined) {
      if (/^['"]/.test(this.#rest)) throw this.wrong("a quote that is not closed");
      return undefined;
    }
    return text.slice(1, -1).replace(/\\(.)/g, (_all, sign: string) => escapes[sign] ?? sign);
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
