// `berth create deployment`: a deployment from an image and a few flags, for a first try.

import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";
import { wholeNumberFlag } from "../settings.ts";
import { collect } from "../repeated.ts";

interface DeploymentFlags extends CreateFlags {
  readonly image: readonly string[];
  readonly replicas: string;
  readonly port?: string;
}

export const createDeploymentCommand = (cli: Cli): Command =>
  addCreateOptions(cli.command("deployment", "create a deployment of an image"))
    .alias("deploy")
    .argument("<name>", "its name")
    .argument("[command...]", "after --, what its container runs instead of the image's own command")
    .requiredOption("--image <image>", "image of a container; may be repeated", collect)
    .option("-r, --replicas <n>", "number of pods", "1")
    .option("--port <n>", "port that the container listens on")
    .action(
      cli.action<DeploymentFlags>((session, [name = "", ...command], flags) =>
        createObject(session, deploymentOf(name, command, flags), flags),
      ),
    );

function deploymentOf(name: string, command: readonly string[], flags: DeploymentFlags): ApiObject {
  const { image: images } = flags;
  const replicas = wholeNumberFlag("--replicas", flags.replicas);
  const port = flags.port === undefined ? undefined : wholeNumberFlag("--port", flags.port, 1);
  if (images.length > 1 && command.length > 0) {
    throw new UsageError("a command goes with one --image: of several, nobody knows which one it is for");
  }
  const labels = { app: name };
  const containers = images.map((image) => ({
    name: containerName(image),
    image,
    ...(command.length > 0 && { command: [...command] }),
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
  }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

/** `registry/team/web:1` makes `web`. */
function containerName(image: string): string {
  const last = image.slice(image.lastIndexOf("/") + 1).split(/[:@]/)[0] ?? "";
  return (
    last
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "") || "main"
  );
}
