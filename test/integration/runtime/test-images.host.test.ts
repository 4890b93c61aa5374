// The images that other tests stand on do what they are for.

import { describe, expect, it } from "vitest";
import { connect, whyNoEngine } from "../../support/docker-engine.ts";
import { importNode } from "../../support/images.ts";

const missing = await whyNoEngine();

describe.skipIf(missing)("images made for tests", () => {
  it("run this Node, with a shell beside it", async () => {
    const docker = connect();
    const image = await importNode(docker);
    const container = await docker.createContainer({
      Image: image,
      Cmd: ["sh", "-c", "node -p 'process.version + require(`node:os`).hostname().length' && id -u"],
      Hostname: "four",
    });
    try {
      await container.start();
      expect(await container.wait()).toMatchObject({ StatusCode: 0 });
      const log = await container.logs({ stdout: true, stderr: true, follow: false });
      expect(log.toString("latin1")).toContain(`${process.version}4\n`);
    } finally {
      await container.remove({ force: true });
    }
  });
});
