// `berth create namespace`.

import type { Command } from "commander";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";

export const createNamespaceCommand = (cli: Cli): Command =>
  addCreateOptions(cli.command("namespace", "create a namespace"))
    .alias("ns")
    .argument("<name>", "its name")
    .action(
      cli.action<CreateFlags>((session, [name = ""], flags) =>
        createObject(session, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, flags),
      ),
    );
