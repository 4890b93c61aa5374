// A defect: the product as it would be with one mistake in it, put in from outside as its modules are loaded.

export interface Patch {
  /** Path in the repository. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly put: string;
}

export interface Defect {
  readonly name: string;
  /** The class of mistake. */
  readonly about: string;
  readonly patches: readonly Patch[];
}
