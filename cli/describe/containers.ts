// Containers as `berth describe` shows them: of a pod with their states, of a template without.

import type { Container, ContainerState, ContainerStatus, Probe } from "../../protocol/mod.ts";
import { type Field, timeText } from "./fields.ts";

export function containerFields(
  containers: readonly Container[] | undefined,
  statuses: readonly ContainerStatus[] | undefined,
): readonly Field[] {
  return (containers ?? []).map((container): Field => {
    const status = statuses?.find(({ name }) => name === container.name);
    return [
      container.name,
      { part: [...identity(container, status), ...stateFields(status), ...specFields(container)] },
    ];
  });
}

function identity(
  { image, ports, command, args }: Container,
  status: ContainerStatus | undefined,
): readonly Field[] {
  const portTexts = (ports ?? []).map(
    ({ containerPort, protocol = "TCP" }) => `${containerPort}/${protocol}`,
  );
  const hostPorts = (ports ?? []).flatMap(({ hostPort, protocol = "TCP" }) =>
    hostPort ? [`${hostPort}/${protocol}`] : [],
  );
  return [
    ["Container ID", status?.containerID],
    ["Image", image ?? ""],
    ["Image ID", status?.imageID || undefined],
    ["Ports", portTexts.join(", ") || "<none>"],
    ["Host Ports", hostPorts.join(", ") || undefined],
    ["Command", command && shortened(command)],
    ["Args", args && shortened(args)],
  ];
}

/** Scripts stand in arguments; their first line says enough here. */
const shortened = (words: readonly string[]): readonly string[] =>
  words.map((word) => {
    const [first = "", ...more] = word.trimEnd().split("\n");
    return more.length > 0 ? `${first} … (${more.length} more lines)` : first;
  });

function stateFields(status: ContainerStatus | undefined): readonly Field[] {
  if (!status) return [];
  return [
    ...oneState("State", status.state),
    ...(status.lastState && Object.keys(status.lastState).length > 0
      ? oneState("Last State", status.lastState)
      : []),
    ["Ready", status.ready ? "True" : "False"],
    ["Restart Count", String(status.restartCount)],
  ];
}

function oneState(name: string, state: ContainerState | undefined): readonly Field[] {
  if (state?.running)
    return [
      [name, "Running"],
      ["  Started", timeText(state.running.startedAt)],
    ];
  if (state?.waiting) {
    const { reason, message } = state.waiting;
    return [
      [name, "Waiting"],
      ["  Reason", reason],
      ["  Message", message],
    ];
  }
  if (!state?.terminated) return [[name, "Waiting"]];
  const { reason, message, exitCode, signal, startedAt, finishedAt } = state.terminated;
  return [
    [name, "Terminated"],
    ["  Reason", reason],
    ["  Message", message],
    ["  Exit Code", String(exitCode)],
    ["  Signal", signal ? String(signal) : undefined],
    ["  Started", timeText(startedAt)],
    ["  Finished", timeText(finishedAt)],
  ];
}

function specFields(container: Container): readonly Field[] {
  const { resources, env, volumeMounts, livenessProbe, readinessProbe, startupProbe } = container;
  const amounts = (
    map: Readonly<Record<string, string | number>> | undefined,
  ): readonly string[] | undefined => map && Object.entries(map).map(([key, value]) => `${key}: ${value}`);
  return [
    ["Limits", amounts(resources?.limits)],
    ["Requests", amounts(resources?.requests)],
    ["Liveness", livenessProbe && probeText(livenessProbe)],
    ["Readiness", readinessProbe && probeText(readinessProbe)],
    ["Startup", startupProbe && probeText(startupProbe)],
    [
      "Environment",
      (env ?? []).map(
        ({ name, value, valueFrom }) => `${name}: ${valueFrom ? sourceText(valueFrom) : (value ?? "")}`,
      ),
    ],
    [
      "Mounts",
      (volumeMounts ?? []).map(
        ({ mountPath, name, readOnly, subPath }) =>
          `${mountPath} from ${name} (${[readOnly ? "ro" : "rw", ...(subPath ? [`path="${subPath}"`] : [])].join(",")})`,
      ),
    ],
  ];
}

type ValueSource = NonNullable<NonNullable<Container["env"]>[number]["valueFrom"]>;
function sourceText({ fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef }: ValueSource): string {
  if (fieldRef) return `(${fieldRef.fieldPath})`;
  if (configMapKeyRef)
    return `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name ?? ""}'>`;
  if (secretKeyRef) return `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name ?? ""}'>`;
  return resourceFieldRef ? `(${resourceFieldRef.resource})` : "";
}

function probeText(probe: Probe): string {
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 1,
    periodSeconds = 10,
    successThreshold = 1,
    failureThreshold = 3,
  } = probe;
  const times = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`;
  return `${actionText(probe)} ${times}`;
}
function actionText({ exec, httpGet, tcpSocket, grpc }: Probe): string {
  if (exec) return `exec [${(exec.command ?? []).join(" ")}]`;
  if (httpGet)
    return `http-get ${(httpGet.scheme ?? "HTTP").toLowerCase()}://${httpGet.host ?? ""}:${httpGet.port}${httpGet.path ?? "/"}`;
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port}`;
  return grpc ? `grpc <pod>:${grpc.port}` : "unknown";
}
