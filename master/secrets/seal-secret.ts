// A secret as a user sends it becomes one whose values are sealed, before anything else looks at it: from here on
// neither rules, nor errors, nor events see a value. No message of this module quotes one.

import {
  answerBoxContext,
  type ApiObject,
  boxedText,
  boxOf,
  type FieldError,
  failure,
  isBase64,
  maxConfigBytes,
  type Principal,
  requestBoxContext,
  type Result,
  sealBox,
  success,
  type Uid,
  withoutManifestCopy,
} from "../../protocol/mod.ts";
import type { Vault } from "./vault.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface SealOptions {
  readonly vault: Vault | undefined;
  readonly uid: Uid;
  /** Who sends it: what this user's client has sealed on its way opens for nobody else. */
  readonly by: Principal;
  /** The stored secret, whose values that are the same keep their sealed text whatever key they were sealed with. */
  readonly before?: ApiObject | undefined;
}

/** The field of a value, in errors and as what is authenticated with it. */
const fieldOf = (key: string): string => `data[${key}]`;

/** `stringData` has gone into `data`. Invalid names the keys whose values are no base64, never the values. */
export function sealSecret(object: ApiObject, options: SealOptions): Result<ApiObject> {
  const sealed = sealValues(object, options, "");
  if (!sealed.ok) return sealed;
  const { data: _data, stringData: _strings, ...rest } = object;
  return success({ ...rest, metadata: withoutManifestCopy(object.metadata), ...sealed.value });
}

/** The same for an RFC 7386 merge patch: null takes a key away. */
export function sealSecretPatch(patch: Fields, options: SealOptions): Result<Fields> {
  const sealed = sealValues(patch, options, null);
  if (!sealed.ok) return sealed;
  const { data: _data, stringData: _strings, ...rest } = patch;
  const metadata = isFields(patch["metadata"]) ? { metadata: withoutManifestCopy(patch["metadata"]) } : {};
  const removesAll = patch["data"] === null && sealed.value.data === undefined ? { data: null } : {};
  return success({ ...rest, ...metadata, ...removesAll, ...sealed.value });
}

interface Sealed {
  readonly data?: Readonly<Record<string, string | null>>;
}

function sealValues(
  object: Fields,
  { vault, uid, by, before }: SealOptions,
  forNull: "" | null,
): Result<Sealed> {
  const { data: given, stringData } = object;
  if ((given ?? stringData ?? undefined) === undefined) return success({});
  if (!vault) {
    return failure(
      "Forbidden",
      "this cluster takes no secrets, because its masters have no key to seal them with: start every master with --secret-key-file",
    );
  }
  const context = requestBoxContext(by.replace(/^user:/, ""));
  const decodeData = (text: string): Uint8Array | undefined => {
    const box = boxOf(text);
    if (!box) return isBase64(text) ? Buffer.from(text, "base64") : undefined;
    const opened = vault.openBox(box, context);
    return opened.ok ? opened.value : undefined;
  };
  const clear = clearValues({ data: given, stringData, decodeData }, forNull);
  if (!clear.ok) return clear;
  const known: Fields = isFields(before?.["data"]) ? before["data"] : {};
  const data: Record<string, string | null> = {};
  for (const [key, value] of clear.value) {
    if (value === null) {
      data[key] = null;
      continue;
    }
    const place = { uid, field: fieldOf(key) };
    const old = known[key];
    const opened = typeof old === "string" ? vault.open(place, old) : undefined;
    const same = opened?.ok === true && Buffer.compare(opened.value, value) === 0;
    data[key] = same && typeof old === "string" ? old : vault.seal(place, value);
  }
  return success({ data });
}

interface Given {
  readonly data: unknown;
  readonly stringData: unknown;
  /** Undefined for what is neither base64 nor sealed to this cluster. */
  readonly decodeData: (text: string) => Uint8Array | undefined;
}

function clearValues(
  { data, stringData, decodeData }: Given,
  forNull: "" | null,
): Result<ReadonlyMap<string, Uint8Array | null>> {
  const values = new Map<string, Uint8Array | null>();
  const causes: FieldError[] = [];
  const wrong = (field: string, message: string): void =>
    void causes.push({ field, reason: "Invalid", message });
  const take = (map: unknown, name: string, decode: (text: string) => Uint8Array | undefined): void => {
    if (map === undefined || map === null) return;
    if (!isFields(map)) return wrong(name, "must be a map of keys to values");
    for (const [key, value] of Object.entries(map)) {
      const field = `${name}[${key.slice(0, 80)}]`;
      if (value === null) values.set(key, forNull === null ? null : new Uint8Array());
      else if (typeof value !== "string") wrong(field, "must be text; put it in quotes");
      else {
        const bytes = decode(value);
        if (bytes) values.set(key, bytes);
        else wrong(field, "must be base64 (stringData takes plain text)");
      }
    }
  };
  take(data, "data", decodeData);
  take(stringData, "stringData", (text) => Buffer.from(text));
  let size = 0;
  for (const [key, value] of values) size += key.length + (value?.length ?? 0);
  if (size > maxConfigBytes)
    wrong("data", `has ${size} bytes with its keys, at most ${maxConfigBytes} are taken`);
  if (causes.length === 0) return success(values);
  const sentences = causes.slice(0, 10).map(({ field, message }) => `${field} ${message}`);
  return failure("Invalid", `the secret is invalid: ${sentences.join("; ")}`, causes.slice(0, 100));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values of a stored secret in clear. Fails by the first one that does not open. */
export function openSecret(object: ApiObject, vault: Vault | undefined): Result<Record<string, Uint8Array>> {
  const { data } = object;
  const values: Record<string, Uint8Array> = {};
  for (const [key, sealed] of Object.entries(isFields(data) ? data : {})) {
    if (!vault)
      return failure(
        "Unavailable",
        "this master has no key to open secrets with: start it with --secret-key-file",
      );
    const clear = vault.open({ uid: object.metadata.uid as Uid, field: fieldOf(key) }, String(sealed));
    if (!clear.ok) return clear;
    values[key] = clear.value;
  }
  return success(values);
}

/** Seals values to a reader's key: for clients that ask for it. */
export interface ReaderSeal {
  readonly to: string;
  readonly seed: () => Uint8Array;
}

/** As Kubernetes shows it to those who may read it, values in base64; or sealed. Other kinds come back as they are. */
export function revealSecret(
  object: ApiObject,
  vault: Vault | undefined,
  reader?: ReaderSeal,
): Result<ApiObject> {
  if (object.kind !== "Secret" || object["data"] === undefined) return success(object);
  const values = openSecret(object, vault);
  if (!values.ok) return values;
  if (reader) return sealedForReader(object, values.value, reader);
  const data = Object.entries(values.value).map(([key, value]) => [
    key,
    Buffer.from(value).toString("base64"),
  ]);
  return success({ ...object, data: Object.fromEntries(data) });
}

function sealedForReader(
  object: ApiObject,
  values: Readonly<Record<string, Uint8Array>>,
  { to, seed }: ReaderSeal,
): Result<ApiObject> {
  const data: Record<string, string> = {};
  for (const [key, clear] of Object.entries(values)) {
    const context = answerBoxContext(object.metadata.uid ?? "", key);
    const box = sealBox(clear, { to, seed: seed(), context });
    if (!box.ok) return failure("BadRequest", `sealTo: ${box.error.message}`);
    data[key] = boxedText(box.value);
  }
  return success({ ...object, data });
}

/** For answers to changes: who may change a secret need not be allowed to read it. */
export function withoutValues(object: ApiObject): ApiObject {
  if (object.kind !== "Secret") return object;
  const { data: _data, stringData: _strings, ...rest } = object;
  return rest;
}
