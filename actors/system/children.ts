// The actors below one parent, by name.

interface Child {
  readonly ref: object;
  stop(): Promise<void>;
}

const legalName = /^[^\s/]+$/;

export class Children {
  readonly #parentPath: string;
  readonly #byName = new Map<string, Child>();

  constructor(parentPath: string) {
    this.#parentPath = parentPath;
  }

  /** Throws on a name that is illegal or taken. */
  pathOf(name: string): string {
    const path = `${this.#parentPath}/${name}`;
    if (!legalName.test(name))
      throw new Error(`actor name ${JSON.stringify(name)} is empty or holds "/" or space`);
    if (this.#byName.has(name)) throw new Error(`${path} exists already, or has not ended yet`);
    return path;
  }

  add(name: string, child: Child): void {
    this.#byName.set(name, child);
  }
  remove(name: string): void {
    this.#byName.delete(name);
  }

  has(ref: object): boolean {
    for (const child of this.#byName.values()) if (child.ref === ref) return true;
    return false;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((child) => child.stop()));
  }
}
