import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explainField } from "./explain.ts";
import { generateFieldTables, generateKubernetesKinds } from "./generate-fields.ts";

describe("known fields", () => {
  test("the generated tables are those of the installed package (node protocol/objects/generate-fields.ts --write)", () => {
    const { structure, docs } = generateFieldTables();
    expect(readFileSync(new URL("./fields.generated.ts", import.meta.url), "utf8") === structure).toBe(true);
    expect(readFileSync(new URL("./field-docs.generated.ts", import.meta.url), "utf8") === docs).toBe(true);
    const list = new URL("./kubernetes-kinds.generated.ts", import.meta.url);
    expect(readFileSync(list, "utf8")).toBe(generateKubernetesKinds());
  });
  test("a field is explained with its type, text and parts", async () => {
    const result = await explainField("po", ["spec", "containers"]);
    expect(result).toMatchObject({
      ok: true,
      value: { kind: "Pod", type: "[]Container", required: true, supported: true },
    });
    expect(result.ok && result.value.description).toContain("List of containers belonging to the pod");
    const image = result.ok ? result.value.fields.find((field) => field.name === "image") : undefined;
    expect(image).toMatchObject({ type: "string", supported: true, required: false });
  });
  test("a field that is not supported yet says so, and so do its parts", async () => {
    const result = await explainField("Pod", ["spec", "affinity", "nodeAffinity"]);
    expect(result).toMatchObject({ ok: true, value: { supported: false } });
  });
  test("a kind is explained by itself", async () => {
    const result = await explainField("services", []);
    expect(result.ok && result.value.fields.map((field) => field.name)).toContain("spec");
  });
  test("what is not there is NotFound, with the names that are", async () => {
    const result = await explainField("rs", ["spec", "replica"]);
    expect(!result.ok && result.error.message).toContain(
      'ReplicaSet.spec has no field "replica"; did you mean replicas? its fields: ',
    );
    expect(await explainField("foo", [])).toMatchObject({ ok: false, error: { code: "NotFound" } });
    expect(await explainField("pod", ["spec", "constructor"])).toMatchObject({ ok: false });
  });
});
