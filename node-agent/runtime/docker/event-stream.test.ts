import { createServer, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import type { RuntimeEvent } from "../runtime.ts";
import { connectEngine } from "./engine.ts";
import { EventStream } from "./event-stream.ts";

const event = (kind: string, id: string, action = "die"): string =>
  `${JSON.stringify({ Type: "container", Action: action, Actor: { ID: id, Attributes: { "io.berth.pod.uid": "u1", "io.berth.kind": kind } } })}\n`;

describe("the engine's event stream", () => {
  let directory: string;
  let server: Server;
  let responses: ServerResponse[];
  let seen: RuntimeEvent[];
  let stream: EventStream;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "berth-events-"));
    responses = [];
    seen = [];
    server = createServer((_, response) => {
      response.writeHead(200).flushHeaders();
      responses.push(response);
    });
    const socketPath = join(directory, "engine.sock");
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const world = createSystemWorld(silentLogger);
    stream = new EventStream(connectEngine({ socketPath }), { cluster: "c", node: "n" }, world, {
      emit: (each) => seen.push(each),
      isOwnDoing: (id, what) => id === `own-${what}`,
    });
    stream.start();
    await vi.waitFor(() => expect(seen).toEqual([{ type: "resync" }]));
  });
  afterEach(() => {
    stream.stop();
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("tells containers and sandboxes apart, also in pieces", async () => {
    const text = event("container", "abc") + event("sandbox", "def");
    responses[0]?.write(text.slice(0, 20));
    await new Promise((resolve) => setImmediate(resolve));
    responses[0]?.write(text.slice(20));
    await vi.waitFor(() => expect(seen).toHaveLength(3));
    expect(seen.slice(1)).toEqual([
      { type: "container-changed", pod: "u1", container: "abc" },
      { type: "sandbox-changed", pod: "u1" },
    ]);
  });

  it("keeps quiet about what the driver itself does, and about nothing else", async () => {
    const told = [
      event("sandbox", "own-start", "start"),
      event("container", "own-removal", "destroy"),
      event("container", "own-removal"),
      event("container", "own-start"),
      event("container", "abc", "start"),
    ];
    responses[0]?.write(told.join(""));
    await vi.waitFor(() => expect(seen.at(-1)).toMatchObject({ container: "abc" }));
    expect(seen.slice(1)).toEqual([
      { type: "container-changed", pod: "u1", container: "own-start" },
      { type: "container-changed", pod: "u1", container: "abc" },
    ]);
  });

  it("connects again when it breaks, and has everything looked at then", async () => {
    responses[0]?.destroy();
    await vi.waitFor(() => expect(seen).toEqual([{ type: "resync" }, { type: "resync" }]), 10_000);
    responses[1]?.end();
    await vi.waitFor(() => expect(responses).toHaveLength(3), 10_000);
    responses[2]?.write(event("container", "abc"));
    await vi.waitFor(() => expect(seen.at(-1)).toMatchObject({ container: "abc" }), 10_000);
  });

  it("stays away once it was stopped", async () => {
    stream.stop();
    await vi.waitFor(() => expect(responses[0]?.destroyed || responses[0]?.closed).toBe(true), 10_000);
    expect(responses).toHaveLength(1);
  });
});
