// The tiny shell program that stands between the agent and a container's process. It outlives the agent and writes
// down what an agent that comes later must know: pids with start times, and the exit code. It starts no program.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `wrapper <run directory> <cgroup files or ""> <command...>`: leads a session and process group of its own.
 * - It runs itself a second time as `main`, which joins the cgroups, records itself and becomes the command; unless
 *   its sandbox was fenced meanwhile.
 * - Signals sent to the group don't end it (a trap, unlike "ignore", is not inherited by the command).
 * - Its own stderr is closed so that the shell's "Terminated" never stands in the container's log.
 * - When the command has ended it records the code (128+n after signal n) and kills what is left of the group:
 *   the end of a container's main process is the end of the container.
 */
const wrapperScript = `#!/bin/sh
mode=$1 run=$2 cgroups=$3
shift 3
start_time() { start=\${20}; }
record() {
  start=- boot=-
  if [ -r "/proc/$$/stat" ]; then
    read -r stat < "/proc/$$/stat"
    read -r boot < /proc/sys/kernel/random/boot_id
    start_time \${stat##*) }
  fi
  echo "$$ $start $boot" > "$run/$mode"
}
if [ "$mode" = main ]; then
  for file in $cgroups; do echo $$ > "$file"; done
  record
  [ ! -e "$run/../../../fenced" ] || exit 137
  exec "$@"
fi
trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM
record
exec 3>&2 2>/dev/null
/bin/sh "$0" main "$run" "$cgroups" "$@" 2>&3 3>&-
code=$?
echo "$code" > "$run/exit"
kill -KILL 0
`;

/** Installs the wrapper in the driver's directory; the same content may be installed any number of times. */
export function installWrapper(directory: string): string {
  const path = join(directory, "wrapper.sh");
  if (readText(path) !== wrapperScript) writeFileSync(path, wrapperScript, { mode: 0o755 });
  return path;
}

/** Command line that runs `argv` under the wrapper. */
export function wrapperCommand(
  wrapper: string,
  runDirectory: string,
  cgroupFiles: readonly string[],
  argv: readonly string[],
): readonly string[] {
  return ["/bin/sh", wrapper, "wrapper", runDirectory, cgroupFiles.join(" "), ...argv];
}

/** A process by pid and start time (clock ticks since boot, with the boot's id): a reused pid is another process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** "-" where the system has no /proc. */
  readonly start: string;
  readonly boot: string;
}

/** What the wrapper wrote under this name ("wrapper" or "main"); undefined before it has. */
export function readIdentity(runDirectory: string, name: "wrapper" | "main"): ProcessIdentity | undefined {
  return parseIdentity(readText(join(runDirectory, name)));
}

/** `pid start boot` on a line of its own; undefined for anything else, half a line too. */
export function parseIdentity(text: string | undefined): ProcessIdentity | undefined {
  if (!text?.endsWith("\n")) return undefined;
  const [pid = "", start = "-", boot = "-"] = text.trim().split(" ");
  return /^[1-9]\d*$/.test(pid) ? { pid: Number(pid), start, boot } : undefined;
}

export interface ExitRecord {
  readonly code: number;
  /** Why there was no record by the wrapper, in the words for people. */
  readonly note: string;
}

/** The exit record; undefined while there is none or it is half written. */
export function readExit(runDirectory: string): ExitRecord | undefined {
  const text = readText(join(runDirectory, "exit"));
  if (!text?.endsWith("\n")) return undefined;
  const [, code = "", note = ""] = /^(\d+) ?(.*)\n$/.exec(text) ?? [];
  return code === "" ? undefined : { code: Number(code), note };
}

/** Writes the exit record in the wrapper's place, when the wrapper is gone. */
export function writeExit(runDirectory: string, exit: ExitRecord): void {
  writeFileSync(join(runDirectory, "exit"), `${exit.code} ${exit.note.replaceAll("\n", " ")}\n`);
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
