// Which container of a pod is meant by logs, exec, attach and copies of files.

import { failure, type PodSpec, type Result, success } from "../../protocol/mod.ts";

/** Names the container of a pod that is meant where none is named (Kubernetes' well-known annotations). */
const defaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

export interface ContainerChoice {
  readonly spec: PodSpec;
  readonly annotations: Readonly<Record<string, string>>;
  /** As asked; undefined where none is. */
  readonly wanted: string | undefined;
  /** The pod, for errors. */
  readonly where: string;
}

/** The one that is wanted, else the one that the pod's annotation names, else the first. Errors: NotFound. */
export function chooseContainer({ spec, annotations, wanted, where }: ContainerChoice): Result<string> {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  const names = [...containers, ...initContainers, ...ephemeralContainers].map(({ name }) => name);
  if (wanted !== undefined) {
    if (names.includes(wanted)) return success(wanted);
    return failure("NotFound", `pod ${where} has no container ${wanted}; it has ${names.join(", ")}`);
  }
  const usual = annotations[defaultContainerAnnotation];
  if (usual !== undefined && names.includes(usual)) return success(usual);
  const [first] = names;
  return first === undefined ? failure("NotFound", `pod ${where} has no container`) : success(first);
}
