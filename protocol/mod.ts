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
export { type CronSchedule, parseSchedule } from "./cron-schedule.ts";
export { decodeBody, decodeJson, encodeJson, looksLikeJson } from "./codec-json.ts";
export * from "./commands.ts";
export { describeEvent, type EventSeverity, eventReason, eventSeverity } from "./describe-event.ts";
export * from "./errors.ts";
export {
  currentLevel,
  eventTypes,
  eventVersions,
  firstLevel,
  levelOf,
  upcast,
  verifyCommit,
  verifyEvent,
} from "./event-versions.ts";
export * from "./events.ts";
export * from "./field-selector.ts";
export * from "./figures.ts";
export * from "./ids.ts";
export * from "./label-selector.ts";
export * from "./labels.ts";
export * from "./identities.ts";
export * from "./leases.ts";
export {
  type MessageName,
  type MessageOf,
  messageNames,
  parseApiRequest,
  parseAssignedPod,
  parseMessage,
  parseServiceEntry,
} from "./messages.ts";
export {
  type Admitted,
  admit,
  checkPodStatus,
  checkShape,
  type FieldValidation,
  type Shaped,
} from "./objects/admit.ts";
export {
  applyDefaults,
  defaultAffinitySeconds,
  defaultNamespace,
  podSpecDefaults,
  podTemplateDefaults,
  pullPolicy,
} from "./objects/defaults.ts";
export {
  type ConfigKind,
  configKey,
  type ConfigName,
  configReferences,
} from "./objects/config-references.ts";
export { type Explanation, explainField, type FieldOutline, outlineOf } from "./objects/explain.ts";
export * from "./objects/kinds.ts";
export { itemKey, type MergeRule, mergeRuleOf, mergeRuleOfKind } from "./objects/merge-rules.ts";
export * from "./objects/object.ts";
export { type QosClass, qosClassOf } from "./objects/qos.ts";
export { changedFields, sameValue } from "./objects/same.ts";
export { isRecord } from "./objects/structure.ts";
export { isKind, type KindTypes } from "./objects/typed.ts";
export { isSupported, unsupportedFields } from "./objects/unsupported.ts";
export { validate, validateUpdate } from "./objects/validate.ts";
export { acceptsVersion } from "./objects/older-versions.ts";
export { behaviorDefaults, type ScalingRules } from "./objects/defaults-autoscaling.ts";
export { keepAllocated } from "./objects/validate-change.ts";
export { whyLeftOut } from "./objects/foreign-kinds.ts";
export * from "./objects/storage-names.ts";
export { storageOf } from "./objects/validate-storage-change.ts";
export { fencingAnnotation, statefulTemplateOf } from "./objects/validate-stateful-set.ts";
export { isSystemPriorityClass, systemPriorityClasses } from "./objects/validate-priority-class.ts";
export { isBase64, isConfigKey, maxConfigBytes } from "./objects/validate-config.ts";
export { generatedSuffixLength } from "./objects/validate-metadata.ts";
export { maxReplicas } from "./objects/validate-replication.ts";
export { hostPathType } from "./objects/validate-host-path.ts";
export { headless } from "./objects/validate-service.ts";
export * from "./patches/mod.ts";
export * from "./quantity.ts";
export {
  answerBoxContext,
  boxedText,
  boxOf,
  requestBoxContext,
  withoutManifestCopy,
} from "./boxed-text.ts";
export { type BoxKeys, boxKeys, boxSeedBytes, openBox, sealBox } from "./sealed-box.ts";
export * from "./subjects.ts";
export * from "./usage-message.ts";
