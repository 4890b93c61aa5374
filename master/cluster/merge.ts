// Merging manifests: RFC 7386 merge patches, and the three-way merge of apply, which takes away what the manager
// applied last and now leaves out, sets what it applies now, and keeps what others have set.

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 7386: null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const result: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/**
 * Lists whose items have an identity, by the name of their field (Kubernetes' `patchMergeKey`s).
 * All other lists are replaced whole.
 */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  volumes: ["name"],
  env: ["name"],
  volumeMounts: ["mountPath"],
  imagePullSecrets: ["name"],
  hostAliases: ["ip"],
  // Containers have `containerPort`, services `port`.
  ports: ["containerPort", "port", "protocol"],
};

/** `last` is what this manager applied before, undefined at its first time. */
export function threeWayMerge(last: unknown, live: unknown, next: unknown): unknown {
  return merge(last, live, next, "");
}

function merge(last: unknown, live: unknown, next: unknown, field: string): unknown {
  if (Array.isArray(next)) return mergeList(last, live, next, field);
  if (!isFields(next) || !isFields(live)) return next;
  const result: Record<string, unknown> = { ...live };
  if (isFields(last)) for (const key of Object.keys(last)) if (!(key in next)) delete result[key];
  const before = isFields(last) ? last : {};
  for (const [key, value] of Object.entries(next)) {
    result[key] = key in live ? merge(before[key], live[key], value, key) : value;
  }
  return result;
}

/** Items of `next` in their order, each merged with its twin; then what others have added. */
function mergeList(last: unknown, live: unknown, next: readonly unknown[], field: string): unknown {
  const keys = mergeKeys[field];
  if (!keys || !Array.isArray(live)) return next;
  const identify = (item: unknown): string =>
    isFields(item) ? JSON.stringify(keys.map((key) => item[key] ?? defaultOf(key))) : "";
  const byIdentity = (items: unknown): Map<string, unknown> =>
    new Map(Array.isArray(items) ? items.map((item) => [identify(item), item]) : []);
  const before = byIdentity(last);
  const present = byIdentity(live);
  const wanted = byIdentity(next);
  if (wanted.has("") || wanted.size !== next.length || present.size !== live.length) return next;
  const merged = [...wanted].map(([identity, item]) =>
    present.has(identity) ? merge(before.get(identity), present.get(identity), item, "") : item,
  );
  const others = [...present].filter(([identity]) => !wanted.has(identity) && !before.has(identity));
  return [...merged, ...others.map(([, item]) => item)];
}

const defaultOf = (key: string): string | null => (key === "protocol" ? "TCP" : null);
