// One column of `berth get`: its title, its value, and whether only `-o wide` shows it.

export interface PrintContext {
  /** ms since 1970: what ages are counted from. */
  readonly now: number;
}

export interface Column<T> {
  readonly title: string;
  readonly wide?: boolean;
  readonly value: (object: T, context: PrintContext) => string;
}

export const none = "<none>";
export const orNone = (text: string | undefined): string => text || none;

/** `a=b,c=d`, sorted by key. */
export function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(","));
}
