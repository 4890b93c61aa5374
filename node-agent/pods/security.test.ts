import { expect, test } from "vitest";
import type { Container } from "../../protocol/mod.ts";
import { containerSecurity } from "./security.ts";

const security = (own: Container["securityContext"] & object) =>
  containerSecurity(
    { name: "main", securityContext: own },
    { apiVersion: "v1", kind: "Pod", metadata: { name: "p" } },
  );

test("runAsNonRoot without a user leaves it to the image's; with one, root is refused", () => {
  expect(security({ runAsNonRoot: true })).toEqual({ ok: true, value: { nonRoot: true } });
  expect(security({ runAsNonRoot: true, runAsUser: 7 })).toEqual({ ok: true, value: { user: 7 } });
  expect(security({ runAsNonRoot: true, runAsUser: 0 })).toMatchObject({
    ok: false,
    error: { message: "container main must not run as root (runAsNonRoot), but runAsUser is 0" },
  });
});
