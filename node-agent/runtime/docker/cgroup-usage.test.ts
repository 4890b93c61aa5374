import { expect, test } from "vitest";
import { usageFilesOf } from "./cgroup-usage.ts";

const id = "4f00";
test.each([
  [
    "version 1, as Docker's cgroupfs driver names groups",
    "4:memory:/docker/4f00\n3:cpuacct,cpu:/docker/4f00\n1:name=systemd:/docker/4f00\n",
    { version: 1, cpu: "/sys/fs/cgroup/cpuacct/docker/4f00", memory: "/sys/fs/cgroup/memory/docker/4f00" },
  ],
  [
    "version 2, as systemd names groups",
    "0::/system.slice/docker-4f00.scope\n",
    {
      version: 2,
      cpu: "/sys/fs/cgroup/system.slice/docker-4f00.scope",
      memory: "/sys/fs/cgroup/system.slice/docker-4f00.scope",
    },
  ],
  ["a process of another host", "0::/user.slice/session-1.scope\n", undefined],
  ["nothing", "", undefined],
])("groups of a container: %s", (_, text, files) => {
  expect(usageFilesOf(text, id)).toEqual(files);
});
