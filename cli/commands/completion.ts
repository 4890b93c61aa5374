// `berth completion`: a script that completes commands, options, kinds and, by asking the cluster, names.

import type { Command } from "commander";
import { kinds, type KindInfo } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";

export const completionCommand: CommandFactory = (cli) => {
  const command: Command = cli
    .command("completion", "print a script that completes berth's words: source <(berth completion bash)")
    .argument("<shell>", "bash or zsh")
    .action(
      cli.action<object>(async (session, [shell = ""]) => {
        if (shell !== "bash" && shell !== "zsh")
          throw new UsageError(`completion knows bash and zsh, found ${shell}`);
        const script = bashScript(command.parent?.commands ?? []);
        // zsh runs bash's completions by its own emulation.
        const start =
          shell === "zsh"
            ? "autoload -U +X compinit && compinit -u\nautoload -U +X bashcompinit && bashcompinit\n"
            : "";
        await session.out(start + script);
      }),
    );
  return command;
};

/** Commands whose words are objects, and the kind where there is but one. */
const objectCommands: Readonly<Record<string, string>> = {
  get: "",
  describe: "",
  delete: "",
  edit: "",
  patch: "",
  expose: "",
  scale: "",
  label: "",
  annotate: "",
  why: "",
  wait: "",
  logs: "pods",
  exec: "pods",
  cordon: "nodes",
  uncordon: "nodes",
  drain: "nodes",
  taint: "nodes",
};

export function bashScript(commands: readonly Command[]): string {
  const flags = commands.map((command) => `    ${command.name()}) options="${optionsOf(command)}" ;;`);
  const objects = Object.entries(objectCommands).map(
    ([name, kind]) => `    ${name}) kind="${kind || "-"}" ;;`,
  );
  const kindWords = kinds.flatMap((info: KindInfo) => [info.resource, info.singular, ...info.shortNames]);
  return `# Completion of berth for bash, and for zsh through bashcompinit.
_berth() {
  local current previous command options kind word
  COMPREPLY=()
  current="\${COMP_WORDS[COMP_CWORD]}"
  previous="\${COMP_WORDS[COMP_CWORD-1]}"
  command=""
  local words=0
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) if [ -z "$command" ]; then command="$word"; else words=$((words + 1)); previous="$word"; fi ;;
    esac
  done
  if [ -z "$command" ]; then
    COMPREPLY=($(compgen -W "${commands.map((one) => one.name()).join(" ")}" -- "$current"))
    return
  fi
  case "$command" in
${flags.join("\n")}
    *) options="" ;;
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")); return ;;
  esac
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    -f|--filename|--creds|--config) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -n|--namespace) COMPREPLY=($(compgen -W "$(_berth_names namespaces)" -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W "wide json yaml name" -- "$current")); return ;;
  esac
  case "$command" in
${objects.join("\n")}
    *) kind="" ;;
  esac
  if [ -z "$kind" ]; then return; fi
  if [ "$kind" != "-" ]; then
    COMPREPLY=($(compgen -W "$(_berth_names "$kind")" -- "$current"))
  elif [ "$words" -eq 0 ]; then
    COMPREPLY=($(compgen -W "all ${kindWords.join(" ")}" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$(_berth_names "$previous")" -- "$current"))
  fi
}
_berth_names() {
  berth get "$1" -o name --timeout 2s 2>/dev/null | sed 's|^[^/]*/||'
}
complete -F _berth berth
`;
}

const optionsOf = (command: Command): string =>
  command.options
    .flatMap(({ short, long }) => [short, long].filter((one) => one !== undefined && one !== null))
    .join(" ");
