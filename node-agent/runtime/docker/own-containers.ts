// Calls to the engine about containers of ours, pause and business alike: made once, started, killed, removed, listed.
// Every id goes through ownership first; failures come in our words.

import type Dockerode from "dockerode";
import type { ContainerInfo } from "dockerode";
import type { Clock } from "../../../actors/mod.ts";
import { type ContainerId, RuntimeError, type RuntimeErrorCode, type SandboxId } from "../runtime.ts";
import { type CallQueue, messageOf, statusOf, toRuntimeError } from "./engine.ts";
import type { OwnDoing } from "./event-stream.ts";
import { type Owner, ownerFilter } from "./labels.ts";
import { Ownership } from "./ownership.ts";

/** A removal that another call has begun is waited for so often, with such a pause. */
const removalPolls = 200;
const removalPollMs = 50;

export type AnyId = ContainerId | SandboxId;

export interface OwnContainersOptions {
  readonly docker: Dockerode;
  readonly calls: CallQueue;
  readonly owner: Owner;
  readonly clock: Clock;
}

export class OwnContainers {
  readonly docker: Dockerode;
  readonly own: Ownership;
  readonly #calls: CallQueue;
  readonly #owner: Owner;
  readonly #clock: Clock;
  /** What is being done to a container here and now: whoever asked for it learns of it by the call. */
  readonly #doing = new Map<string, OwnDoing>();

  constructor({ docker, calls, owner, clock }: OwnContainersOptions) {
    this.docker = docker;
    this.own = new Ownership(docker, calls, owner);
    this.#calls = calls;
    this.#owner = owner;
    this.#clock = clock;
  }

  isDoing(id: string, action: OwnDoing): boolean {
    return this.#doing.get(id) === action;
  }

  async doingTo<Value>(id: string, action: OwnDoing, work: () => Promise<Value>): Promise<Value> {
    this.#doing.set(id, action);
    try {
      return await work();
    } finally {
      this.#doing.delete(id);
    }
  }

  /** One call to the engine, in its turn, its failure in our words. */
  async call<Value>(
    what: string,
    call: () => Promise<Value>,
    otherwise: RuntimeErrorCode = "RunContainerError",
  ): Promise<Value> {
    try {
      return await this.#calls.run(call);
    } catch (error) {
      throw toRuntimeError(error, what, otherwise);
    }
  }

  /** Creates a container, or answers the one of ours that has its name already. */
  async create(options: Dockerode.ContainerCreateOptions, what: string): Promise<string> {
    const name = options.name ?? "";
    try {
      const { id } = await this.#calls.run(() => this.docker.createContainer(options));
      this.own.add(id);
      return id;
    } catch (error) {
      if (statusOf(error) !== 409)
        throw toRuntimeError(error, `creating ${what}`, "CreateContainerConfigError");
      const info = await this.call(`looking at ${name}`, () => this.docker.getContainer(name).inspect());
      if (this.own.note(info.Id, info.Config.Labels)) return info.Id;
      throw new RuntimeError("AlreadyExists", `the name ${name} is taken by a container that is not ours`);
    }
  }

  /** Running already (304) is fine. */
  start(id: AnyId, what: string): Promise<void> {
    return this.call(`starting ${what}`, async () => {
      try {
        await this.docker.getContainer(id).start();
      } catch (error) {
        if (statusOf(error) !== 304) throw error;
      }
    });
  }

  async kill(id: AnyId): Promise<void> {
    // 409: it does not run.
    await ignoring([404, 409], `killing container ${id}`, () =>
      this.#calls.run(() => this.docker.getContainer(id).kill({ signal: "SIGKILL" })),
    );
  }

  /** Gone already is fine. */
  async remove(id: AnyId): Promise<void> {
    if (await this.own.has(id)) await this.doingTo(id, "removal", () => this.#removeOwn(id));
  }

  async #removeOwn(id: AnyId): Promise<void> {
    const container = this.docker.getContainer(id);
    for (let poll = 0; ; poll += 1) {
      try {
        await this.#calls.run(() => container.remove({ force: true, v: true }));
        break;
      } catch (error) {
        if (statusOf(error) === 404) break;
        if (statusOf(error) !== 409 || !/already in progress/.test(messageOf(error))) {
          throw toRuntimeError(error, `removing container ${id}`, "RunContainerError");
        }
      }
      if (poll === removalPolls)
        throw new RuntimeError("Timeout", `the engine has not removed container ${id}`);
      await this.#clock.sleep(removalPollMs);
    }
    this.own.delete(id);
  }

  /** Of this cluster and node, with these labels too. */
  async list(labels: readonly string[]): Promise<readonly ContainerInfo[]> {
    const filters = { label: [...ownerFilter(this.#owner), ...labels] };
    const list = await this.call(
      "listing containers",
      () => this.docker.listContainers({ all: true, filters }),
      "Unavailable",
    );
    for (const each of list) this.own.add(each.Id);
    return list;
  }
}

/** These answers are as good as success. */
export async function ignoring(
  statuses: readonly number[],
  what: string,
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && statuses.includes(status)) return;
    throw toRuntimeError(error, what, "RunContainerError");
  }
}
