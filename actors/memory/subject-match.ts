// NATS subject matching: `*` is one token, a last `>` is one or more.

export const isWildcard = (subject: string): boolean => /(^|\.)[*>](\.|$)/.test(subject);

export function subjectMatches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (const [index, token] of pattern.entries()) {
    if (token === ">") return subject.length > index;
    if (subject[index] === undefined || (token !== "*" && token !== subject[index])) return false;
  }
  return pattern.length === subject.length;
}
