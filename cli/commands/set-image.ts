// `berth set image`: other images for containers of objects that exist.

import type { Command } from "commander";
import { BerthError } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import {
  addContainerOptions,
  changeContainers,
  type ContainerFlags,
  containerNames,
} from "../container-changes.ts";
import { UsageError } from "../errors.ts";
import { nameOf } from "../output.ts";

export const setImageCommand = (cli: Cli): Command =>
  addContainerOptions(cli.command("image", "set the images of containers"))
    .argument("<what...>", "objects, then container=image; *=image sets all of them")
    .action(
      cli.action<ContainerFlags>((session, args, flags) => {
        const { objects, images } = splitImages(args);
        return changeContainers(session, objects, flags, {
          done: "image updated",
          check: (spec, object) => {
            const names = containerNames(spec);
            const unknown = [...images.keys()].filter((name) => name !== "*" && !names.includes(name));
            if (unknown.length === 0) return;
            const message = `${nameOf(object)} has no container named ${unknown.join(", ")}; it has ${names.join(", ")}`;
            throw new BerthError({ code: "NotFound", message });
          },
          change: (container) => {
            const image = images.get(container.name) ?? images.get("*");
            return image === undefined ? container : { ...container, image };
          },
        });
      }),
    );

function splitImages(args: readonly string[]): {
  readonly objects: readonly string[];
  readonly images: ReadonlyMap<string, string>;
} {
  const images = new Map<string, string>();
  const objects: string[] = [];
  for (const arg of args) {
    const [, container, image] = /^([^=/]+)=(.+)$/.exec(arg) ?? [];
    if (container && image) images.set(container, image);
    else objects.push(arg);
  }
  if (images.size === 0) throw new UsageError("say which image: container=image, or *=image for all");
  return { objects, images };
}
