// The contract between every part of Berth, and with everyone who talks to it over NATS.
export * from "./agent-messages.ts";
export * from "./api.ts";
export {
  type DecodeLimits,
  decode,
  encode,
  maxMessageBytes,
  maxMessageDepth,
  maxMessageItems,
} from "./codec.ts";
export { decodeBody, decodeJson, encodeJson, looksLikeJson } from "./codec-json.ts";
export * from "./commands.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./field-selector.ts";
export * from "./ids.ts";
export * from "./label-selector.ts";
export * from "./labels.ts";
export * from "./objects/kinds.ts";
export * from "./objects/object.ts";
export * from "./quantity.ts";
export * from "./subjects.ts";
