// Mistakes about agents of other versions; journal.ts has the one about masters.

import type { Defect } from "./defect.ts";

export const versionDefects: readonly Defect[] = [
  {
    name: "newer-agents-are-refused",
    about: "an agent that says more than is known is refused",
    patches: [
      {
        file: "protocol/schema/agent-schemas.ts",
        find: "export const register: z.ZodType<RegisterMessage> = z.object({",
        put: "export const register: z.ZodType<RegisterMessage> = z.strictObject({",
      },
    ],
  },
  {
    name: "next-version-agents-are-taken",
    about: "an agent whose messages are of the next version is taken for one of this version",
    patches: [
      {
        file: "protocol/schema/parts.ts",
        find: "export const version1 = z.literal(1);",
        put: "export const version1 = z.literal([1, 2]);",
      },
      {
        file: "protocol/messages.ts",
        find: 'if (typeof version === "number" && version !== 1) {',
        put: 'if (typeof version === "number" && version > 2) {',
      },
    ],
  },
];
