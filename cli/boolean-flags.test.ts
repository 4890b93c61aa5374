import { Command } from "commander";
import { expect, test } from "vitest";
import { plainArguments } from "./boolean-flags.ts";

const program = new Command("berth")
  .option("-n, --namespace <name>")
  .addCommand(
    new Command("get")
      .option("-w, --watch")
      .option("--no-headers")
      .option("--dry-run [mode]")
      .option("-o <form>"),
  )
  .addCommand(new Command("rollout").addCommand(new Command("status").option("-w, --watch", "", true)));

test.each<[string, string, readonly string[]]>([
  ["get pods --watch=true", "get pods --watch", []],
  ["get pods -w=t", "get pods --watch", []],
  ["get pods --watch=false", "get pods", ["watch"]],
  ["rollout status deploy/web --watch=false", "rollout status deploy/web", ["watch"]],
  ["get pods --no-headers=true", "get pods --no-headers", []],
  ["get pods --no-headers=false", "get pods", []],
  ["get pods --headers=false", "get pods --no-headers", []],
  ["get pods --headers=true", "get pods", []],
  ["get pods --headers", "get pods", []],
  ["get pods --no-headers", "get pods --no-headers", []],
  // Not a flag of this command, of no such value, with a value of its own, or of somebody else's command.
  ["get pods --force=true", "get pods --force=true", []],
  ["get pods --watch=maybe", "get pods --watch=maybe", []],
  ["get pods --dry-run=true", "get pods --dry-run=true", []],
  ["get pods -o=true", "get pods -o=true", []],
  ["get pods -- x --watch=false", "get pods -- x --watch=false", []],
  // The word behind -n is a name, whatever it looks like.
  ["-n rollout get pods --watch=false", "-n rollout get pods", ["watch"]],
])("%s", (given, argv, off) => {
  const plain = plainArguments(program, given.split(" "));
  expect([plain.argv.join(" "), [...plain.off]]).toEqual([argv, off]);
});
