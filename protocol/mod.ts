// The contract between every part of Berth, and with everyone who talks to it over NATS.
export * from "./agent-messages.ts";
export * from "./api.ts";
export * from "./commands.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./ids.ts";
export * from "./objects/kinds.ts";
export * from "./objects/object.ts";
export * from "./subjects.ts";
