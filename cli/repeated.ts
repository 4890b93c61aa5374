// Options that may be given more than once, for commander.

export const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];
/** Also by commas: `--tcp=80,443 --tcp=8080`. */
export const collectList = (value: string, all: readonly string[] = []): readonly string[] => [
  ...all,
  ...value.split(",").filter(Boolean),
];
