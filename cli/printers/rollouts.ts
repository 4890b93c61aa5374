// Columns of deployments and daemon sets.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, labelText } from "./column.ts";
import { containerImages, containerNames } from "./containers.ts";
import { selectorText } from "./selector-text.ts";

type Rollout = Stored<"Deployment"> | Stored<"DaemonSet">;

const name: Column<Rollout> = { title: "NAME", value: ({ metadata }) => metadata.name ?? "" };
const age: Column<Rollout> = {
  title: "AGE",
  value: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now),
};
const wide: readonly Column<Rollout>[] = [
  { title: "CONTAINERS", wide: true, value: ({ spec }) => containerNames(spec?.template) },
  { title: "IMAGES", wide: true, value: ({ spec }) => containerImages(spec?.template) },
  { title: "SELECTOR", wide: true, value: ({ spec }) => selectorText(spec?.selector) },
];

const count = (value: number | undefined): string => String(value ?? 0);

export const deploymentColumns: readonly Column<Stored<"Deployment">>[] = [
  name,
  { title: "READY", value: ({ spec, status }) => `${count(status?.readyReplicas)}/${spec?.replicas ?? 1}` },
  { title: "UP-TO-DATE", value: ({ status }) => count(status?.updatedReplicas) },
  { title: "AVAILABLE", value: ({ status }) => count(status?.availableReplicas) },
  age,
  ...wide,
];

export const daemonSetColumns: readonly Column<Stored<"DaemonSet">>[] = [
  name,
  { title: "DESIRED", value: ({ status }) => count(status?.desiredNumberScheduled) },
  { title: "CURRENT", value: ({ status }) => count(status?.currentNumberScheduled) },
  { title: "READY", value: ({ status }) => count(status?.numberReady) },
  { title: "UP-TO-DATE", value: ({ status }) => count(status?.updatedNumberScheduled) },
  { title: "AVAILABLE", value: ({ status }) => count(status?.numberAvailable) },
  { title: "NODE SELECTOR", value: ({ spec }) => labelText(spec?.template.spec?.nodeSelector) },
  age,
  ...wide,
];
