import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { cidr, connectionSettings, readSettings, textMap } from "./settings.ts";

const table = {
  ...connectionSettings,
  podCidr: { schema: cidr.default("10.244.0.0/16"), value: "<cidr>", description: "" },
  labels: { schema: textMap.default({}), value: "<k=v,…>", description: "" },
  size: { schema: z.coerce.number().int().default(1), value: "<n>", description: "" },
};

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "berth-settings-")), "berth.yaml");
  writeFileSync(file, text);
  return file;
}

test("flags win over the environment, that over the file, and that over the defaults", () => {
  const config = fileWith("prefix: fromfile\nsize: 7\nlogLevel: warn\n");
  const settings = readSettings(
    table,
    { config, logLevel: "error" },
    { BERTH_SIZE: "8", BERTH_LOG_LEVEL: "debug" },
  );
  expect(settings).toMatchObject({
    prefix: "fromfile",
    size: 8,
    logLevel: "error",
    podCidr: "10.244.0.0/16",
  });
});

test("lists and maps are read from text", () => {
  const settings = readSettings(table, { servers: "nats://a:1,nats://b:2", labels: "zone=z1,disk=ssd" }, {});
  expect(settings.servers).toEqual(["nats://a:1", "nats://b:2"]);
  expect(settings.labels).toEqual({ zone: "z1", disk: "ssd" });
});

test("every wrong setting is named with its flag and variable", () => {
  expect(() => readSettings(table, { podCidr: "everywhere", prefix: "a.b" }, {})).toThrow(
    /--prefix \(BERTH_PREFIX\)[\s\S]*--pod-cidr \(BERTH_POD_CIDR\): must be an IPv4 range/,
  );
});

test("a misspelt setting in the file is an error", () => {
  expect(() => readSettings(table, { config: fileWith("prefx: x\n") }, {})).toThrow(/unknown settings prefx/);
});
