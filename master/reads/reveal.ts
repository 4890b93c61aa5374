// How an object is shown to those who may read it.

import type { ApiObject, Result } from "../../protocol/mod.ts";

/** Opens the values of a secret; sealed to the reader's key when the request names one. */
export type Reveal = (object: ApiObject, sealTo?: string) => Result<ApiObject>;
