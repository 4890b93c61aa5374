// Which containers are ours. Every id that the driver is asked to touch goes through here first, so that a foreign
// container is never touched, whatever id a caller names.

import type Dockerode from "dockerode";
import { RuntimeError } from "../runtime.ts";
import { type CallQueue, statusOf, toRuntimeError } from "./engine.ts";
import { isOwned, type Labels, type Owner } from "./labels.ts";

export class Ownership {
  readonly #docker: Dockerode;
  readonly #calls: CallQueue;
  readonly #owner: Owner;
  /** Known to carry our labels; labels never change. Any other id is looked up. */
  readonly #known = new Set<string>();

  constructor(docker: Dockerode, calls: CallQueue, owner: Owner) {
    this.#docker = docker;
    this.#calls = calls;
    this.#owner = owner;
  }

  /** False for foreign containers and for those that are gone. */
  async has(id: string): Promise<boolean> {
    if (this.#known.has(id)) return true;
    try {
      const info = await this.#calls.run(() => this.#docker.getContainer(id).inspect());
      return this.note(info.Id, info.Config.Labels);
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw toRuntimeError(error, `looking at container ${id}`, "Unavailable");
    }
  }

  /** Rejects with NotFound for what is not ours. */
  async require(id: string): Promise<void> {
    if (!(await this.has(id))) throw new RuntimeError("NotFound", `no container ${id} of this node`);
  }

  /** Remembers a container that was seen with these labels; true when it is ours. */
  note(id: string, labels: Labels): boolean {
    const own = isOwned(labels, this.#owner);
    if (own) this.#known.add(id);
    return own;
  }

  /** A container that this driver made, or that the engine's filter by our labels has shown. */
  add(id: string): void {
    this.#known.add(id);
  }

  delete(id: string): void {
    this.#known.delete(id);
  }
}
