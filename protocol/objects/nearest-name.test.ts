import { describe, expect, test } from "vitest";
import { fieldsOf } from "./field-table.ts";
import { nearestName } from "./nearest-name.ts";

describe("did you mean", () => {
  test.each([
    ["PodSpec", "contaners", "containers"],
    ["PodSpec", "Containers", "containers"],
    ["PodSpec", "container", "containers"],
    ["PodSpec", "restartpolicy", "restartPolicy"],
    ["PodSpec", "nodeSelctor", "nodeSelector"],
    ["Container", "imagee", "image"],
    ["Container", "iamge", "image"],
    ["Container", "commands", "command"],
    ["Container", "enviroment", undefined],
    ["DeploymentSpec", "replica", "replicas"],
    ["DeploymentSpec", "colour", undefined],
    ["ServicePort", "targetport", "targetPort"],
    ["ObjectMeta", "lables", "labels"],
    ["ObjectMeta", "x".repeat(5000), undefined],
  ])("%s.%s: %s", (type, word, expected) => {
    expect(nearestName(word, fieldsOf(type)?.keys() ?? [])).toBe(expected);
  });
});
