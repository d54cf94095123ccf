import { createHash } from "node:crypto";
import { Approval } from "../kit/artifacts/approval.js";
import { versionHere } from "../kit/copied.js";
import { fail } from "../kit/failure.js";
import { canonicalJson } from "../kit/json.js";
import type { KnownVersion } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";
import { answerKey, isAbout, isAdoption } from "./alias-trail.js";

const TAG = "retrain.approval.";

/** The tag of a registry run that holds a record. */
export const approvalTag = ({ id }: Approval): string => TAG + id.slice(0, 12);

export function approvalOf(said: Omit<Approval, "format" | "id">): Approval {
  const content = { format: 1 as const, ...said };
  return { id: createHash("sha256").update(canonicalJson(content)).digest("hex"), ...content };
}

/**
 * What people decided about runs of a model, oldest first. Version numbers are those of this registry.
 * @throws FailureError `registry.corrupt` for a record that was changed after it was written
 */
export async function listApprovals(registry: ModelRegistry, model: string): Promise<readonly Approval[]> {
  const runs = await registry.listRuns(model);
  return runs.flatMap(approvalsOfRun).sort(byTime);
}

/** The records of one registry run, oldest first. */
export function approvalsOfRun({ runId, tags }: RegistryRun): Approval[] {
  return Object.entries(tags)
    .filter(([name]) => name.startsWith(TAG))
    .map(([name, text]) => parse(text, `tag ${name} of registry run ${runId}`))
    .map((record) => ({
      ...record,
      version: versionHere(tags, record.version),
      live: record.live === null ? null : versionHere(tags, record.live),
    }))
    .sort(byTime);
}

/**
 * Approvals by which `alias` came to name a model although rules had not passed, or adoptions without any rule, oldest first. A rule that passed since, by a
 * newer decision about the same model, needs no override any more.
 * @param moves of every alias of the model, oldest first
 */
export function openOverrides(
  approvals: readonly Approval[],
  moves: readonly AliasMove[],
  { alias, version }: { readonly alias: string; readonly version: KnownVersion },
): readonly Approval[] {
  const last = moves.findLast((move) => move.alias === alias);
  if (last !== undefined && isAbout(last, version) && isAdoption(last))
    return approvals.filter(
      (record) =>
        record.kind === "adoption" &&
        record.alias === alias &&
        record.version === last.to &&
        !isExpired(record, last.at.slice(0, 10)),
    );
  const decided = moves.findLast(
    (move) => move.alias === alias && isAbout(move, version) && move.decision !== null,
  );
  if (decided === undefined || decided.key !== answerKey(alias, decided.decision ?? "")) return [];
  return approvals.filter(
    (record) =>
      record.kind === "approval" &&
      record.alias === alias &&
      record.decision === decided.decision &&
      !isExpired(record, decided.at.slice(0, 10)),
  );
}

/** @param day ISO day; an approval counts until the end of its last one */
export const isExpired = ({ expires }: Approval, day: string): boolean => expires !== null && expires < day;

const byTime = (a: Approval, b: Approval): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

function parse(text: string, path: string): Approval {
  let record: Approval;
  try {
    record = Approval.parse(JSON.parse(text));
  } catch (error) {
    const detail = error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : "";
    return fail({ code: "registry.corrupt", retryable: false, path, detail }, error);
  }
  const { format: _, id, ...said } = record;
  if (approvalOf(said).id === id) return record;
  const detail = "it is not what was written: its id is not the digest of its content";
  return fail({ code: "registry.corrupt", retryable: false, path, detail });
}
