// Which container is meant, with and without a name.

import { describe, expect, test } from "vitest";
import { chooseContainer } from "./choose-container.ts";

const spec = {
  initContainers: [{ name: "setup", image: "busybox" }],
  containers: [
    { name: "proxy", image: "envoy" },
    { name: "app", image: "nginx" },
  ],
  ephemeralContainers: [{ name: "debugger", image: "busybox" }],
};
const usual = (name: string) => ({ "kubectl.kubernetes.io/default-container": name });

describe("the container that is meant", () => {
  test.each<[string, string | undefined, Readonly<Record<string, string>>, string]>([
    ["the first where none is named", undefined, {}, "proxy"],
    ["the one that the pod's annotation names", undefined, usual("app"), "app"],
    ["the first where the annotation names none of the pod's", undefined, usual("gone"), "proxy"],
    ["the named one, whatever the annotation says", "proxy", usual("app"), "proxy"],
    ["an init container by its name", "setup", {}, "setup"],
    ["an ephemeral one by its name", "debugger", {}, "debugger"],
  ])("is %s", (_, wanted, annotations, chosen) => {
    expect(chooseContainer({ spec, annotations, wanted, where: "default/web" })).toEqual({
      ok: true,
      value: chosen,
    });
  });

  test("is refused by a name that the pod does not have, with those it has", () => {
    expect(chooseContainer({ spec, annotations: {}, wanted: "apps", where: "default/web" })).toMatchObject({
      ok: false,
      error: {
        code: "NotFound",
        message: "pod default/web has no container apps; it has proxy, app, setup, debugger",
      },
    });
  });
});
