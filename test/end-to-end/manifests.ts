// The objects that the end-to-end scenario runs: small Node programs, the same on Docker and as processes.

import type { Pod, ReplicationController, Service } from "../../protocol/mod.ts";

const image = "node:24-alpine";
const fieldEnv = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** Answers every request with its pod's name. */
const webProgram = `
const server = require("node:http").createServer((request, response) => {
  response.setHeader("connection", "close");
  response.end(process.env.POD_NAME);
});
server.listen(8080, process.env.POD_IP);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

export const webController = (replicas: number): ReplicationController => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas,
    selector: { app: "web" },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: "web",
            image,
            imagePullPolicy: "IfNotPresent",
            command: ["node", "--eval"],
            args: [webProgram],
            ports: [{ name: "http", containerPort: 8080 }],
            env: [fieldEnv("POD_NAME", "metadata.name"), fieldEnv("POD_IP", "status.podIP")],
            readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 1 },
            resources: { requests: { cpu: "50m", memory: "32Mi" } },
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

/** One container writes a file and serves; the other reads the file and asks the first, by the pod's own address. */
export const sharingPod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "sharing", namespace: "default", labels: { app: "sharing" } },
  spec: {
    terminationGracePeriodSeconds: 2,
    volumes: [{ name: "shared", emptyDir: {} }],
    initContainers: [
      {
        name: "prepare",
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["node", "--eval"],
        args: ['require("node:fs").writeFileSync(process.argv[1] + "/first", "from init")', "/shared"],
        volumeMounts: [{ name: "shared", mountPath: "/shared" }],
      },
    ],
    containers: [
      {
        name: "server",
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["node", "--eval"],
        args: [
          `const fs = require("node:fs");
           const first = fs.readFileSync(process.argv[1] + "/first", "utf8");
           require("node:http").createServer((request, response) => response.end("from server")).listen(7000, process.env.POD_IP, () =>
             fs.writeFileSync(process.argv[1] + "/second", first + ", then server"));`,
          "/shared",
        ],
        env: [fieldEnv("POD_IP", "status.podIP")],
        volumeMounts: [{ name: "shared", mountPath: "/shared" }],
      },
      {
        name: "reader",
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["node", "--eval"],
        args: [
          `const fs = require("node:fs");
           const timer = setInterval(async () => {
             if (!fs.existsSync(process.argv[1] + "/second")) return;
             clearInterval(timer);
             const answer = await (await fetch("http://" + process.env.POD_IP + ":7000/")).text();
             console.log("file:", fs.readFileSync(process.argv[1] + "/second", "utf8"));
             console.log("network:", answer);
             setInterval(() => {}, 1000);
           }, 50);`,
          "/shared",
        ],
        env: [fieldEnv("POD_IP", "status.podIP")],
        volumeMounts: [{ name: "shared", mountPath: "/shared" }],
      },
    ],
  },
};
