import type { ArtifactReader } from "../kit/artifact.js";
import type { Absence } from "../kit/artifacts/absence.js";
import type { Decision } from "../kit/artifacts/decision.js";
import { Registered } from "../kit/artifacts/registered.js";
import type { ModelVersion } from "../kit/registry.js";
import { damageLine } from "../kit/soundness.js";
import type { RunScope, Services } from "../kit/step.js";
import { type Champion, championOf } from "./champion.js";

/** What a step that asks for the champion of its candidate has. */
interface Judging extends Pick<RunScope, "model" | "quarter"> {
  readonly services: Services;
  readonly inputs: { readonly version: ArtifactReader };
}

/** What the candidate of a run is judged against. */
export async function championOfRun({ model, quarter, services, inputs }: Judging): Promise<Champion> {
  const { version, runId: run } = await inputs.version.readJson("registered.json", Registered);
  const scope = { model: model.name, alias: model.alias, quarter: quarter.label };
  return championOf(
    services.registry,
    services.earlier,
    { ...scope, candidate: version, run },
    services.memo,
  );
}

export const baselineOf = (champion: Champion): ModelVersion | null =>
  champion.kind === "sound" ? champion.model : null;

export const missingOf = (champion: Champion): readonly Absence[] =>
  champion.kind === "none" || champion.kind === "damaged" ? [] : champion.missing;

/** What the alias must still name at promotion, whether it can be compared with or not. */
export function recordedBaseline(champion: Champion): Decision["baseline"] {
  if (champion.kind === "sound") return { version: champion.model.version, digest: champion.model.digest };
  if (champion.kind === "none" || champion.version === null) return null;
  const digest = champion.kind === "damaged" ? champion.digest : null;
  return { version: champion.version, digest };
}

export function recordedDamage({
  version,
  damage,
}: Extract<Champion, { readonly kind: "damaged" }>): NonNullable<Decision["damaged"]> {
  const quarter = damage.code === "registry.version-damaged" ? damage.quarter : null;
  return { version, quarter, detail: damageLine(damage) };
}
