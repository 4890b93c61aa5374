// NATS micro services (ADR-32 of the NATS project) over any bus: answers `nats micro ls`, `info` and `stats`.
// Our own and not the nats package's: that one always joins a queue group, and counts what a standby let pass.

import type { Bus, BusMessage, BusSubscription, ServiceDefinition, ServiceHandle } from "./bus.ts";
import type { World } from "./world.ts";

const controlPrefix = "$SRV";
const namePattern = /^[A-Za-z0-9_-]+$/;
const versionPattern = /^\d+\.\d+\.\d+([-+].*)?$/;
const nanosecondsPerMs = 1_000_000;

interface EndpointCounts {
  requests: number;
  errors: number;
  lastError: string;
  processingMs: number;
}

export function startMicroService(
  bus: Bus,
  world: Pick<World, "clock" | "ids">,
  definition: ServiceDefinition,
): ServiceHandle {
  checkDefinition(definition);
  const id = world.ids.uuid().replaceAll("-", "").toUpperCase();
  const started = new Date(world.clock.now()).toISOString();
  const counts = new Map<string, EndpointCounts>(
    definition.endpoints.map(({ name }) => [
      name,
      { requests: 0, errors: 0, lastError: "", processingMs: 0 },
    ]),
  );
  const identity = {
    name: definition.name,
    id,
    version: definition.version,
    metadata: definition.metadata ?? {},
  };
  const answers: Readonly<Record<string, () => object>> = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...identity }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...identity,
      description: definition.description,
      endpoints: definition.endpoints.map(({ name, subject, metadata }) => ({
        name,
        subject,
        queue_group: "",
        metadata: metadata ?? {},
      })),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...identity,
      started,
      endpoints: definition.endpoints.map(({ name, subject }) => statistics(name, subject, counts.get(name))),
    }),
  };
  const subscriptions: BusSubscription[] = [];
  for (const [verb, answer] of Object.entries(answers)) {
    const respond = (message: BusMessage): void => message.respond(Buffer.from(JSON.stringify(answer())));
    for (const scope of ["", `.${definition.name}`, `.${definition.name}.${id}`]) {
      subscriptions.push(bus.subscribe(`${controlPrefix}.${verb}${scope}`, respond));
    }
  }
  for (const { subject, handler } of definition.endpoints) {
    subscriptions.push(bus.subscribe(subject, handler));
  }
  return {
    id,
    record: (endpoint, durationMs, error) => {
      const count = counts.get(endpoint);
      if (!count) throw new Error(`service ${definition.name} has no endpoint ${JSON.stringify(endpoint)}`);
      count.requests++;
      count.processingMs += durationMs;
      if (error === undefined) return;
      count.errors++;
      count.lastError = error;
    },
    stop: async () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      if (bus.state === "connected") await bus.flush();
    },
  };
}

function statistics(name: string, subject: string, count: EndpointCounts | undefined): object {
  const { requests, errors, lastError, processingMs } = count ?? {
    requests: 0,
    errors: 0,
    lastError: "",
    processingMs: 0,
  };
  return {
    name,
    subject,
    queue_group: "",
    num_requests: requests,
    num_errors: errors,
    last_error: lastError,
    processing_time: Math.round(processingMs * nanosecondsPerMs),
    average_processing_time: requests === 0 ? 0 : Math.round((processingMs * nanosecondsPerMs) / requests),
  };
}

function checkDefinition({ name, version, endpoints }: ServiceDefinition): void {
  if (!namePattern.test(name)) {
    throw new Error(`service name ${JSON.stringify(name)}: only letters, digits, "-" and "_"`);
  }
  if (!versionPattern.test(version)) {
    throw new Error(`version ${JSON.stringify(version)} of service ${name} is not like 1.2.3`);
  }
  for (const endpoint of endpoints) {
    if (!namePattern.test(endpoint.name)) {
      throw new Error(`endpoint name ${JSON.stringify(endpoint.name)}: only letters, digits, "-" and "_"`);
    }
  }
}
