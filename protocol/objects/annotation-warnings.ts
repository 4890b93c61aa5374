// Annotations by which Kubernetes was once, or still is, told what fields say now. Berth acts on none of them: whoever
// counts on one is told, and what to write instead.

import { fieldPath, keyPath } from "./report.ts";
import { isRecord } from "./structure.ts";

type Fields = Readonly<Record<string, unknown>>;

interface AnnotationRule {
  /** Of the key: the whole, or its start where it ends in a slash. */
  readonly key: string;
  readonly says: string;
  /** Values that ask for what happens anyway. */
  readonly harmless?: readonly string[];
}

const gone = (version: string, field: string): string =>
  `does nothing, as in Kubernetes since ${version}: use ${field}`;

/** Of pods and pod templates. Versions as in k8s.io/kubernetes/pkg/api/pod/warnings.go and the releases' notes. */
const podRules: readonly AnnotationRule[] = [
  {
    key: "container.apparmor.security.beta.kubernetes.io/",
    says: "is not supported yet: it is stored and ignored",
    harmless: ["runtime/default"],
  },
  {
    key: "container.seccomp.security.alpha.kubernetes.io/",
    says: gone("1.27", "securityContext.seccompProfile"),
  },
  { key: "seccomp.security.alpha.kubernetes.io/pod", says: gone("1.27", "securityContext.seccompProfile") },
  { key: "scheduler.alpha.kubernetes.io/critical-pod", says: gone("1.16", "priorityClassName") },
  { key: "security.alpha.kubernetes.io/sysctls", says: gone("1.11", "securityContext.sysctls") },
  { key: "security.alpha.kubernetes.io/unsafe-sysctls", says: gone("1.11", "securityContext.sysctls") },
  { key: "pod.alpha.kubernetes.io/init-containers", says: gone("1.8", "initContainers") },
  { key: "pod.beta.kubernetes.io/init-containers", says: gone("1.8", "initContainers") },
];

/** Where a kind has the metadata of pods: its own, or a template's. */
const podPlaces: readonly (readonly string[])[] = [
  ["metadata"],
  ["spec", "template", "metadata"],
  ["spec", "jobTemplate", "spec", "template", "metadata"],
];

/** Names every annotation of an object (already of the right shape) that asks for something that does not happen. */
export function annotationWarnings(object: Fields, kind: string): readonly string[] {
  return podPlaces
    .filter((place) => place.length > 1 || kind === "Pod")
    .flatMap((place) => {
      const metadata = at(object, place);
      const annotations = isRecord(metadata) ? metadata["annotations"] : undefined;
      if (!isRecord(annotations)) return [];
      const path = fieldPath(place.join("."), "annotations");
      return Object.entries(annotations).flatMap(([key, value]) => {
        const rule = podRules.find((each) =>
          each.key.endsWith("/") ? key.startsWith(each.key) : key === each.key,
        );
        if (rule === undefined || rule.harmless?.some((known) => known === value)) return [];
        return [`${keyPath(path, key)} ${rule.says}`];
      });
    });
}

const at = (object: Fields, place: readonly string[]): unknown =>
  place.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), object);
