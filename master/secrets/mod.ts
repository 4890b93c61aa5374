// Secrets: sealed before the log sees them, opened for those who may read them.
export {
  openSecret,
  revealSecret,
  type SealOptions,
  sealSecret,
  sealSecretPatch,
  withoutValues,
} from "./seal-secret.ts";
export { createVault, type Vault } from "./vault.ts";
