// Quality of service of a pod, as Kubernetes derives it from what its containers ask for. Pure.

import { parseQuantity } from "../quantity.ts";
import type { Container, PodSpec } from "./object.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const resources = ["cpu", "memory"] as const;

/** Specs are never changed in place, and agents ask at every look at a pod. */
const known = new WeakMap<PodSpec, QosClass>();

/** Guaranteed: every container limits both and requests as much. BestEffort: none asks for anything. */
export function qosClassOf(spec: PodSpec): QosClass {
  let found = known.get(spec);
  if (found === undefined) known.set(spec, (found = computed(spec)));
  return found;
}

function computed({ containers, initContainers = [] }: PodSpec): QosClass {
  const all = [...containers, ...initContainers];
  if (all.every(asksNothing)) return "BestEffort";
  return all.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function amountOf(value: string | number | undefined): bigint {
  const quantity = parseQuantity(value ?? "0");
  return quantity.ok ? quantity.value.nano : 0n;
}

const asksNothing = ({ resources: own }: Container): boolean =>
  resources.every((name) => amountOf(own?.requests?.[name]) === 0n && amountOf(own?.limits?.[name]) === 0n);

const isGuaranteed = ({ resources: own }: Container): boolean =>
  resources.every((name) => {
    const limit = amountOf(own?.limits?.[name]);
    return limit > 0n && amountOf(own?.requests?.[name] ?? own?.limits?.[name]) === limit;
  });
