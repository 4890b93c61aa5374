// One container as a host process: starts it under the wrapper, notices its end, keeps its log going.
// All that must survive the agent stands in files; this object may be made anew over them at any time.

import { spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  type FSWatcher,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Cancel, Clock } from "../../../actors/mod.ts";
import { type ContainerSpec, type ContainerStatusInfo, RuntimeError } from "../runtime.ts";
import { joinFiles, killCgroups, oomKilled } from "./cgroups.ts";
import { type CommandPlan, planCommand } from "./command-line.ts";
import { findExecutable } from "./executable.ts";
import { type ContainerPaths, type ContainerRecord, containerPaths } from "./layout.ts";
import { LogPump, rawFile } from "./log-pump.ts";
import type { LogLimits } from "./log-record.ts";
import { isAlive, sendSignal } from "./process-table.ts";
import { readExit, readIdentity, readText, wrapperCommand, writeExit } from "./wrapper.ts";

/** After SIGKILL of the main process the wrapper has this long to write the exit down before it is killed too. */
const recordMs = 500;
/** A start that left no record within this time has failed. */
const recordWaitMs = 5000;
/** How long a process may take to vanish after SIGKILL (it may hang in the kernel). */
const vanishMs = 10_000;
/** Output is looked at no more often than this, however fast it comes. */
const pumpPauseMs = 5;
/** Exit code of a container whose end nobody saw; Kubernetes gives the same. */
const unseenExitCode = 137;

export interface ContainerHost {
  readonly clock: Clock;
  readonly wrapper: string;
  readonly nodePath: string;
  readonly logLimits: LogLimits;
  /** The state has changed. */
  readonly changed: (container: ProcessContainer) => void;
  /** The container has ended: processes that left its group are to be killed. */
  readonly sweep: (marker: string) => void;
}

type Phase = "created" | "running" | "exited";

export class ProcessContainer {
  readonly record: ContainerRecord;
  readonly paths: ContainerPaths;
  readonly pump: LogPump;
  readonly #host: ContainerHost;
  readonly #watchers: FSWatcher[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #phase: Phase = "created";
  #pumpTimer: Cancel | undefined;
  #closed = false;

  /** Takes over what the files say: a container that runs is watched, one that ended meanwhile is read to its end. */
  constructor(record: ContainerRecord, base: string, host: ContainerHost) {
    this.record = record;
    this.paths = containerPaths(base);
    this.#host = host;
    for (const path of [
      this.paths.run,
      this.paths.raw,
      join(this.paths.root, "tmp"),
      record.recordDirectory,
    ]) {
      mkdirSync(path, { recursive: true });
    }
    this.pump = new LogPump(this.paths.raw, record.recordDirectory, host.logLimits);
    if (this.#startedAt() === undefined) return;
    this.#phase = "running";
    if (!this.check()) this.#watch();
  }

  get phase(): Phase {
    return this.#phase;
  }
  /** Resolves when the container has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }
  get marker(): string {
    return `${this.record.pod.cluster}/${this.record.pod.node}/${this.record.id}`;
  }

  plan(): CommandPlan {
    return this.#plan(this.record.spec);
  }

  /** What another command needs to run beside the container's own. */
  planFor(command: readonly string[]): CommandPlan {
    const plan = this.#plan({ ...this.record.spec, command, args: [] });
    return { ...plan, argv: this.#asUser(plan.argv) };
  }

  #plan(spec: ContainerSpec): CommandPlan {
    return planCommand(spec, {
      root: this.paths.root,
      hostname: this.record.hostname,
      marker: this.marker,
      nodePath: this.#host.nodePath,
    });
  }

  /** Starts it once; started already is fine. */
  async start(): Promise<void> {
    if (this.#phase !== "created") return;
    this.#phase = "running";
    try {
      const plan = this.plan();
      this.#prepare(plan);
      // Left before the spawn: an agent that dies in between must not make the next one start it a second time.
      writeFileSync(join(this.paths.run, "started"), `${this.#host.clock.now()}\n`);
      await this.#spawn(plan);
    } catch (error) {
      rmSync(join(this.paths.run, "started"), { force: true });
      this.#phase = "created";
      throw error;
    }
    this.#watch();
    this.#host.changed(this);
  }

  #prepare(plan: CommandPlan): void {
    const { spec } = this.record;
    for (const { path, target } of plan.links) {
      if (!exists(target)) throw misconfigured(`the volume mounted at ${path} has no directory ${target}`);
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      symlinkSync(target, path);
    }
    if (plan.cwd.startsWith(`${this.paths.root}/`)) mkdirSync(plan.cwd, { recursive: true });
    if (!exists(plan.cwd)) throw misconfigured(`the working directory ${plan.cwd} does not exist`);
    const [program = ""] = plan.argv;
    if (!findExecutable(program, plan.environment["PATH"] ?? "", plan.cwd)) {
      throw misconfigured(`container "${spec.name}": no executable file "${program}" on this host`);
    }
  }

  /** Words that run the command as the user and with the groups that it asks for. */
  #asUser(argv: readonly string[]): readonly string[] {
    const { user, group, supplementalGroups = [], noNewPrivileges } = this.record.spec.security ?? {};
    const uid = process.getuid?.() ?? 0;
    const isOther = user !== undefined && user !== uid;
    const groups = supplementalGroups.length > 0;
    if (!isOther && !groups && !noNewPrivileges) return argv;
    if (uid !== 0 && (isOther || groups)) {
      const what = isOther ? `runAsUser ${user}` : "supplementalGroups";
      throw misconfigured(`${what} needs an agent that runs as root (it runs as ${uid})`);
    }
    const setpriv = findExecutable("setpriv", "/usr/bin:/bin:/usr/sbin:/sbin", "/");
    if (!setpriv) throw misconfigured("its securityContext needs the program setpriv on this host");
    const words = noNewPrivileges ? [setpriv, "--no-new-privs"] : [setpriv];
    if (isOther) {
      const owner = group ?? user;
      chownSync(this.paths.root, user, owner);
      chownSync(join(this.paths.root, "tmp"), user, owner);
      words.push(`--reuid=${user}`, `--regid=${owner}`);
    }
    if (groups) words.push(`--groups=${supplementalGroups.join(",")}`);
    else if (isOther) words.push("--clear-groups");
    return [...words, "--", ...argv];
  }

  async #spawn(plan: CommandPlan): Promise<void> {
    const argv = this.#asUser(plan.argv);
    const groups = joinFiles(this.record.cgroups);
    const [shell = "", ...rest] = wrapperCommand(this.#host.wrapper, this.paths.run, groups, argv);
    const stdout = openSync(rawFile(this.paths.raw, "stdout"), "a");
    const stderr = openSync(rawFile(this.paths.raw, "stderr"), "a");
    try {
      const child = spawn(shell, rest, {
        cwd: plan.cwd,
        env: plan.environment,
        detached: true,
        stdio: ["ignore", stdout, stderr],
      });
      const outcome = Promise.withResolvers<void>();
      child.once("spawn", outcome.resolve);
      child.once("error", (error) =>
        outcome.reject(
          new RuntimeError("RunContainerError", `cannot start: ${error.message}`, { cause: error }),
        ),
      );
      child.once("exit", () => this.check());
      child.unref();
      await outcome.promise;
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  /** Looks whether it still runs. True when it has ended. */
  check(): boolean {
    if (this.#phase !== "running") return this.#phase === "exited";
    if (!readExit(this.paths.run)) {
      const identities = (["wrapper", "main"] as const).map((name) => readIdentity(this.paths.run, name));
      if (identities.some((identity) => identity && isAlive(identity))) return false;
      const recorded = identities.some((identity) => identity !== undefined);
      const age = this.#host.clock.now() - (this.#startedAt() ?? 0);
      if (!recorded && age >= 0 && age < recordWaitMs) return false;
      // Read again: the wrapper may have written it between the two looks.
      if (!readExit(this.paths.run)) {
        writeExit(this.paths.run, {
          code: unseenExitCode,
          note: "it ended without a record: killed together with its wrapper, or by a restart of the host",
        });
      }
    }
    this.#finish();
    return true;
  }

  #finish(): void {
    this.#phase = "exited";
    killCgroups(this.record.cgroups);
    this.#host.sweep(this.marker);
    this.#unwatch();
    this.pump.finish();
    this.#ended.resolve();
    this.#host.changed(this);
  }

  /** Signal to the group, then SIGKILL after `graceMs`; resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    if (this.#phase !== "running" || this.check()) return;
    const signal = (this.record.spec.stopSignal ?? "SIGTERM") as NodeJS.Signals;
    await this.#recorded();
    if (graceMs > 0) {
      this.#signalGroup(signal);
      if (await this.#endsWithin(graceMs)) return;
    }
    const main = readIdentity(this.paths.run, "main");
    if (main && isAlive(main)) sendSignal(main.pid, "SIGKILL");
    if (main && (await this.#endsWithin(recordMs))) return;
    this.#signalGroup("SIGKILL");
    killCgroups(this.record.cgroups);
    const deadline = this.#host.clock.monotonic() + vanishMs;
    while (!this.check()) {
      if (this.#host.clock.monotonic() > deadline) {
        throw new RuntimeError("Timeout", `container ${this.record.id} is still there after SIGKILL`);
      }
      await this.#endsWithin(20);
    }
  }

  /** A stop may come while the wrapper is still about to start the command. */
  async #recorded(): Promise<void> {
    const deadline = this.#host.clock.monotonic() + recordWaitMs;
    while (!readIdentity(this.paths.run, "main") && this.#host.clock.monotonic() < deadline) {
      if (this.check()) return;
      await this.#endsWithin(2);
    }
  }

  /** The wrapper leads the group; its pid stands for the group as long as any member lives. */
  #signalGroup(signal: NodeJS.Signals): void {
    const wrapper = readIdentity(this.paths.run, "wrapper");
    const main = readIdentity(this.paths.run, "main");
    const alive = [wrapper, main].some((identity) => identity && isAlive(identity));
    if (wrapper && alive) sendSignal(-wrapper.pid, signal);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const timeout = Promise.withResolvers<false>();
    const cancel = this.#host.clock.after(ms, () => timeout.resolve(false));
    const ended = await Promise.race([this.ended.then(() => true), timeout.promise]);
    cancel();
    return ended;
  }

  /** The slow look, for what no watcher told. */
  tick(): void {
    if (this.#phase !== "running" || this.check()) return;
    this.#pumpSoon();
  }

  #watch(): void {
    if (this.#phase !== "running") return;
    this.#watchDirectory(this.paths.raw, () => this.#pumpSoon());
    this.#watchDirectory(this.paths.run, () => this.check());
    this.#pumpSoon();
    this.check();
  }

  #watchDirectory(path: string, listener: () => void): void {
    try {
      const watcher = watch(path, { persistent: false }, listener);
      watcher.on("error", () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // The host has no watches left: `tick` finds everything a little later.
    }
  }

  #pumpSoon(): void {
    this.#pumpTimer ??= this.#host.clock.after(pumpPauseMs, () => {
      this.#pumpTimer = undefined;
      if (!this.#closed && this.#phase === "running" && this.pump.pump()) this.#pumpSoon();
    });
  }

  #unwatch(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    this.#pumpTimer?.();
    this.#pumpTimer = undefined;
  }

  #startedAt(): number | undefined {
    const text = readText(join(this.paths.run, "started"));
    return text === undefined ? undefined : Number(text) || this.record.createdAt;
  }

  status(): ContainerStatusInfo {
    const { record } = this;
    const startedAt = this.#startedAt();
    const exit = this.#phase === "exited" ? readExit(this.paths.run) : undefined;
    // A file's time may lie a few milliseconds behind the clock.
    const finishedAt = exit && Math.max(startedAt ?? 0, modifiedAt(join(this.paths.run, "exit")) ?? 0);
    const oom = exit !== undefined && exit.code !== 0 && oomKilled(record.cgroups);
    const reason = oom
      ? "OOMKilled"
      : exit?.note
        ? "ContainerStatusUnknown"
        : exit?.code
          ? "Error"
          : "Completed";
    return {
      id: record.id,
      sandbox: record.sandbox,
      pod: record.pod.uid,
      name: record.spec.name,
      attempt: record.spec.attempt,
      image: record.spec.image,
      imageId: `process://${record.spec.image}`,
      state: this.#phase,
      createdAt: record.createdAt,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
      ...(exit ? { exitCode: exit.code, reason } : {}),
      ...(exit?.note ? { message: exit.note } : {}),
    };
  }

  /** Stops looking; the container runs on. */
  close(): void {
    this.#closed = true;
    this.#unwatch();
    this.pump.close();
  }
}

const misconfigured = (message: string): RuntimeError =>
  new RuntimeError("CreateContainerConfigError", message);

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

function modifiedAt(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && Math.floor(stat.mtimeMs);
}
