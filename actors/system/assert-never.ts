// Closes a switch over a union: a new member becomes a type error there.

export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
