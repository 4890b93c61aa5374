// The programs that the contract runs, and how a driver with a shell is told them.

/** What a container of the contract does; a harness says how its driver is told so. */
export type ContractProgram =
  | { readonly type: "exit"; readonly code: number }
  /** Runs until SIGTERM, which ends it with 143. */
  | { readonly type: "steady" }
  /** Prints lines to stdout (or stderr for those that begin with "!"), then runs on or ends. */
  | { readonly type: "print"; readonly lines: readonly string[]; readonly thenExit?: number }
  | { readonly type: "exit-on-term"; readonly code: number }
  | { readonly type: "ignore-term" }
  | { readonly type: "missing" }
  /** A shell script; drivers without a shell don't get this one. */
  | { readonly type: "shell"; readonly script: string; readonly words?: readonly string[] };

/** `program` for drivers that have a shell. */
export function shellCommand(program: ContractProgram): {
  command: readonly string[];
  args: readonly string[];
} {
  const shell = (
    script: string,
    ...words: readonly string[]
  ): { command: readonly string[]; args: readonly string[] } => ({
    command: ["sh", "-c"],
    args: [script, "sh", ...words],
  });
  // `wait` lets a trap run at once, and a shell says nothing about the end of a job in the background.
  const wait = "while :; do sleep 1 & wait; done";
  switch (program.type) {
    case "exit":
      return shell(`exit ${program.code}`);
    case "steady":
      return shell(`trap 'exit 143' TERM; echo ready; ${wait}`);
    case "exit-on-term":
      return shell(`trap 'echo bye; exit ${program.code}' TERM; echo ready; ${wait}`);
    case "ignore-term":
      return shell(`trap '' TERM; echo ready; ${wait}`);
    case "missing":
      return { command: ["/no/such/program"], args: [] };
    case "shell":
      return shell(program.script, ...(program.words ?? []));
    case "print": {
      const end =
        program.thenExit === undefined ? `trap 'exit 143' TERM; ${wait}` : `exit ${program.thenExit}`;
      const print = 'for line in "$@"; do case $line in !*) echo "$line" >&2;; *) echo "$line";; esac; done';
      return shell(`${print}; ${end}`, ...program.lines);
    }
  }
}
