// Columns of stateful sets and of the revisions of their templates.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, none } from "./column.ts";
import { containerImages, containerNames } from "./containers.ts";

export const statefulSetColumns: readonly Column<Stored<"StatefulSet">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  { title: "READY", value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { title: "CONTAINERS", wide: true, value: ({ spec }) => containerNames(spec?.template) },
  { title: "IMAGES", wide: true, value: ({ spec }) => containerImages(spec?.template) },
];

export const controllerRevisionColumns: readonly Column<Stored<"ControllerRevision">>[] = [
  { title: "NAME", value: ({ metadata }) => metadata.name ?? "" },
  {
    title: "CONTROLLER",
    value: ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      return owner ? `${owner.kind.toLowerCase()}.apps/${owner.name}` : none;
    },
  },
  { title: "REVISION", value: ({ revision }) => String(revision) },
  { title: "AGE", value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
];
