// Which version of its config maps, secrets and own fields a pod's files have to show. Pure.

import { configsText, type Pod, type Volume } from "../../protocol/mod.ts";
import type { PodState } from "./pod-state.ts";

/** Equal texts: the files on disk are right. */
export function filesVersion({ pod, configs }: Pick<PodState, "pod" | "configs">): string {
  const text = configsText(configs);
  if (!(pod.spec?.volumes ?? []).some(showsPod)) return text;
  const { labels, annotations } = pod.metadata ?? {};
  return `${text} ${JSON.stringify([labels, annotations])}`;
}

const showsPod = ({ downwardAPI, projected }: Volume): boolean =>
  downwardAPI !== undefined || (projected?.sources ?? []).some((source) => source.downwardAPI !== undefined);

/** What waits for a config may be tried again at once, now that one has changed. */
export function configsChanged(state: PodState, pod: Pod): PodState {
  const { ["prepare-volumes"]: _waits, ...retries } = state.retries;
  const containers = Object.fromEntries(
    Object.entries(state.containers).map(([name, memory]) => {
      if (memory.problem?.kind !== "config") return [name, memory];
      const { problem: _over, ...rest } = memory;
      return [name, rest];
    }),
  );
  return { ...state, pod, retries, containers };
}
