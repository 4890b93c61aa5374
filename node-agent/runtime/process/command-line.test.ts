import { describe, expect, it } from "vitest";
import { testContainer } from "../../testkit/runtime-fixture.ts";
import type { ContainerSpec } from "../runtime.ts";
import { planCommand } from "./command-line.ts";

const place = { root: "/c/root", hostname: "pod-1", marker: "a/b/c", nodePath: "/opt/node/bin/node" };
const spec = (change: Partial<ContainerSpec>): ContainerSpec =>
  testContainer({ image: "node:24-alpine", command: ["node", "server.js"], ...change });
const data = { containerPath: "/data", hostPath: "/host/volume", readOnly: false };

describe("the command line of a host process", () => {
  it("needs a command, since there are no images", () => {
    expect(() => planCommand(spec({ command: [] }), place)).toThrowError(/node:24-alpine.*`command`/);
  });

  it("joins command and args", () => {
    expect(planCommand(spec({ command: ["a"], args: ["b", "c d"] }), place).argv).toEqual(["a", "b", "c d"]);
  });

  it("finds the agent's own Node first", () => {
    expect(planCommand(spec({}), place).environment["PATH"]).toMatch(/^\/opt\/node\/bin:/);
  });

  it("gives nothing of the agent's environment on", () => {
    const { environment } = planCommand(spec({ environment: [{ name: "A", value: "1" }] }), place);
    expect(Object.keys(environment).sort()).toEqual(
      ["A", "BERTH_CONTAINER", "BERTH_ROOT", "HOME", "HOSTNAME", "PATH", "TMPDIR"].sort(),
    );
    expect(environment["HOSTNAME"]).toBe("pod-1");
  });

  it("does not let a pod change what marks its processes", () => {
    const environment = [{ name: "BERTH_CONTAINER", value: "other" }];
    expect(planCommand(spec({ environment }), place).environment["BERTH_CONTAINER"]).toBe("a/b/c");
  });

  it("sets names that are no identifiers by env", () => {
    const { argv } = planCommand(spec({ environment: [{ name: "my.key", value: "v w" }] }), place);
    expect(argv).toEqual(["env", "my.key=v w", "node", "server.js"]);
  });

  it.each([
    ["/data", "/host/volume"],
    ["/data/x y", "/host/volume/x y"],
    ["--dir=/data/x", "--dir=/host/volume/x"],
    [
      "echo hi > /data/x; cat '/data/y' \"/data/z\"",
      "echo hi > /host/volume/x; cat '/host/volume/y' \"/host/volume/z\"",
    ],
    ["/a:/data:/b", "/a:/host/volume:/b"],
    ["/database", "/database"],
    ["/other/data", "/other/data"],
    ["http://host/data", "http://host/data"],
    ["$HOME/data", "$HOME/data"],
    ["/data.bak", "/data.bak"],
    ["/data-old /data", "/data-old /host/volume"],
  ])("rewrites mounted paths only where they stand whole: %s", (word, expected) => {
    const plan = planCommand(
      spec({ command: [word], environment: [{ name: "V", value: word }], mounts: [data] }),
      place,
    );
    expect(plan.argv).toEqual([expected]);
    expect(plan.environment["V"]).toBe(expected);
  });

  it("takes the longest mount and links no mount inside another", () => {
    const mounts = [data, { containerPath: "/data/cache/", hostPath: "/host/cache", readOnly: false }];
    const plan = planCommand(spec({ command: ["/data/cache/x", "/data/y"], mounts }), place);
    expect(plan.argv).toEqual(["/host/cache/x", "/host/volume/y"]);
    expect(plan.links).toEqual([{ path: "/c/root/data", target: "/host/volume" }]);
  });

  it.each([
    [undefined, "/c/root"],
    ["/app", "/c/root/app"],
    ["app", "/c/root/app"],
    ["/data", "/host/volume"],
    ["/data/sub/", "/host/volume/sub"],
    ["/../../etc", "/c/root/etc"],
  ])("works in the root, below it, or in a mount: %s", (workingDirectory, expected) => {
    const change = workingDirectory === undefined ? {} : { workingDirectory };
    expect(planCommand(spec({ mounts: [data], ...change }), place).cwd).toBe(expected);
  });

  it("keeps a mount's link below the root whatever its path says", () => {
    const mounts = [{ containerPath: "/../../etc", hostPath: "/host/etc", readOnly: false }];
    expect(planCommand(spec({ mounts }), place).links).toEqual([
      { path: "/c/root/etc", target: "/host/etc" },
    ]);
  });
});
