// `berth set`: one thing of the containers of objects that exist: images, environment, resources.

import { Command } from "commander";
import type { CommandFactory } from "../command.ts";
import { setEnvCommand } from "./set-env.ts";
import { setImageCommand } from "./set-image.ts";
import { setResourcesCommand } from "./set-resources.ts";

export const setCommand: CommandFactory = (cli) =>
  new Command("set")
    .description("change one thing of objects that exist")
    .addCommand(setImageCommand(cli))
    .addCommand(setEnvCommand(cli))
    .addCommand(setResourcesCommand(cli));
