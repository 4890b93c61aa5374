// Rules for a pod's volumes.

import { isDnsLabel, isDnsSubdomain } from "../ids.ts";
import type { Volume } from "./object.ts";
import type { Report } from "./report.ts";
import { validateHostPath } from "./validate-host-path.ts";
import { validateQuantity, validateUnique } from "./validate-scalars.ts";
import { validateClaimSpec } from "./validate-storage.ts";
import { validateFileVolume } from "./validate-volume-files.ts";

export function validateVolumes(volumes: readonly Volume[], path: string, report: Report): void {
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    if (!isDnsLabel(volume.name)) {
      report.add(`${at}.name`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
    }
    const sources = Object.keys(volume).filter((field) => field !== "name");
    if (sources.length > 1) {
      report.add(at, "Forbidden", `must have one source only, found ${sources.join(" and ")}`);
    }
    if (volume.emptyDir?.sizeLimit !== undefined) {
      validateQuantity(volume.emptyDir.sizeLimit, `${at}.emptyDir.sizeLimit`, report);
    }
    validateFileVolume(volume, at, report);
    if (volume.hostPath) validateHostPath(volume.hostPath, `${at}.hostPath`, report);
    validateClaimVolume(volume, at, report);
  }
  validateUnique(
    volumes.map((volume) => volume.name),
    (index) => `${path}[${index}].name`,
    report,
  );
}

function validateClaimVolume(
  { persistentVolumeClaim, ephemeral }: Volume,
  path: string,
  report: Report,
): void {
  if (persistentVolumeClaim && !isDnsSubdomain(persistentVolumeClaim.claimName)) {
    const message = "must be the name of a claim, an RFC 1123 subdomain";
    report.add(`${path}.persistentVolumeClaim.claimName`, "Invalid", message);
  }
  if (!ephemeral) return;
  const at = `${path}.ephemeral.volumeClaimTemplate`;
  if (ephemeral.volumeClaimTemplate) {
    validateClaimSpec(ephemeral.volumeClaimTemplate.spec, `${at}.spec`, report);
  } else report.add(at, "Required", "is required");
}
