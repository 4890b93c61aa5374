// Services and namespaces as users submit them.

import type { ApiObject } from "../../../protocol/mod.ts";

export const serviceManifest = (namespace: string, name: string, port: number): ApiObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { selector: { app: name }, ports: [{ port, targetPort: 8080 }] },
});

export const namespaceManifest = (name: string): ApiObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
});
