// What `berth get` says of jobs.

import { describe, expect, test } from "vitest";
import type { Stored } from "../../client/mod.ts";
import { jobColumns } from "./jobs.ts";

const now = Date.parse("2030-01-01T01:00:00Z");
const condition = (type: string) => ({ type, status: "True" });
const job = (
  spec: Partial<NonNullable<Stored<"Job">["spec"]>>,
  status: NonNullable<Stored<"Job">["status"]> = {},
): Stored<"Job"> => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "work", creationTimestamp: "2030-01-01T00:00:00Z" },
  spec: { template: {}, ...spec },
  status,
});

describe("the line of a job", () => {
  test.each<[string, Stored<"Job">, readonly string[]]>([
    ["new", job({ completions: 1 }), ["work", "Running", "0/1", "", "60m"]],
    [
      "at work",
      job({ completions: 3 }, { succeeded: 1, startTime: "2030-01-01T00:59:00Z" }),
      ["work", "Running", "1/3", "60s", "60m"],
    ],
    [
      "complete",
      job(
        { completions: 1 },
        {
          succeeded: 1,
          startTime: "2030-01-01T00:00:00Z",
          completionTime: "2030-01-01T00:00:09Z",
          conditions: [condition("Complete")],
        },
      ),
      ["work", "Complete", "1/1", "9s", "60m"],
    ],
    [
      "failed",
      job({ completions: 2 }, { conditions: [condition("Failed")] }),
      ["work", "Failed", "0/2", "", "60m"],
    ],
    ["suspended", job({}, { conditions: [condition("Suspended")] }), ["work", "Suspended", "0/1", "", "60m"]],
    ["a work queue", job({ parallelism: 3 }), ["work", "Running", "0/1 of 3", "", "60m"]],
  ])("%s", (_name, object, cells) => {
    expect(jobColumns.filter(({ wide }) => !wide).map(({ value }) => value(object, { now }))).toEqual(cells);
  });
});
