// A deployment of a small web program that tells its version, a service for it, and a daemon set.

import type { DaemonSet, Deployment, ReplicationController, Service } from "../../protocol/mod.ts";

const fieldEnv = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** Answers every request with its version and its pod's name. */
const webProgram = `
const server = require("node:http").createServer((request, response) => {
  response.setHeader("connection", "close");
  setTimeout(() => response.end(process.env.VERSION + " " + process.env.POD_NAME), 20);
});
server.listen(8080, process.env.POD_IP);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

const container = (version: string, program: string) => ({
  name: "web",
  image: "node:24-alpine",
  imagePullPolicy: "IfNotPresent" as const,
  command: ["node", "--eval"],
  args: [program],
  env: [
    fieldEnv("POD_NAME", "metadata.name"),
    fieldEnv("POD_IP", "status.podIP"),
    { name: "VERSION", value: version },
  ],
});

export interface Web {
  readonly version: string;
  readonly replicas: number;
  /** Its program ends at once: no pod of it is ever ready. */
  readonly broken?: boolean;
  readonly annotations?: Record<string, string>;
  readonly progressDeadlineSeconds?: number;
}

export const webDeployment = ({ version, replicas, broken, annotations, ...more }: Web): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default", ...(annotations && { annotations }) },
  spec: {
    replicas,
    ...more,
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            ...container(version, broken ? "process.exit(7)" : webProgram),
            ports: [{ name: "http", containerPort: 8080 }],
            readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

export const webService: Service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
};

export const webController = (version: string, replicas: number): ReplicationController => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "old", namespace: "default" },
  spec: {
    replicas,
    selector: { app: "old" },
    template: {
      metadata: { labels: { app: "old" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [container(version, "setInterval(() => {}, 1000)")],
      },
    },
  },
});

export const logDaemon = (version: string): DaemonSet => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "log", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "log" } },
    template: {
      metadata: { labels: { app: "log" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [container(version, "setInterval(() => {}, 1000)")],
      },
    },
  },
});
