import { z } from "zod";
import { promotionKey } from "../src/history/alias-trail.js";
import { decisionDigest } from "../src/history/decision.js";
import { movesOf, versionBefore, withdrawalOfVersion } from "../src/history/model-moves.js";
import { RUN_TAGS } from "../src/history/run-tags.js";
import { requireWholeTrail, trailTags } from "../src/history/trail-marks.js";
import type { ArtifactReader } from "../src/kit/artifact.js";
import { Decision, expectedLive } from "../src/kit/artifacts/decision.js";
import { Promotion } from "../src/kit/artifacts/promotion.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { directoryDigest, MANIFEST_FILE } from "../src/kit/model-directory.js";
import type { ModelRegistry, ModelVersion, RegistryFile } from "../src/kit/registry.js";
import { damageLine, damageOf, inThatRole, valueOrDamage } from "../src/kit/soundness.js";
import { defineStep, optional, type Services } from "../src/kit/step.js";

export const promote = defineStep({
  type: "promote",
  version: 2,
  summary:
    "Publishes the quarter to the registry and moves the alias to the candidate if the gate's decision allows it",
  params: z.strictObject({}),
  inputs: {
    decision: "decision",
    version: "registered-version",
    forecaster: "forecaster",
    snapshot: optional("snapshot"),
    "champion-snapshot": optional("champion-snapshot"),
    outlook: optional("outlook"),
    segments: optional("segments"),
    validation: optional("validation"),
    accuracy: optional("accuracy-report"),
    checkpoints: optional("checkpoints"),
  },
  outputs: { promotion: "promotion" },
  metrics: {},
  effect: "external",
  // Nothing goes live out of a run that is broken already.
  afterAll: true,

  async holds(ctx, outputs) {
    const { registry } = ctx.services;
    const promotion = await outputs.promotion.readJson("promotion.json", Promotion);
    const run = await registry.getRun(promotion.registryRun);
    if (run === null) return `run ${promotion.registryRun} is not in the registry`;
    if (!run.closed) return `run ${promotion.registryRun} is not closed in the registry`;
    if (run.tags[RUN_TAGS.decision] !== promotion.decision) {
      return `run ${promotion.registryRun} was closed with another decision since`;
    }
    const live = await valueOrDamage(registry.getAlias(promotion.model, promotion.alias));
    if (live !== null && typeof live === "object") return damageLine(live);
    if (live !== promotion.after) return `alias ${promotion.alias} names ${live ?? "no version"} by now`;
    if (promotion.outcome === "escalated") return null;
    const history = await registry.aliasHistory(promotion.model);
    const moved = history.some(
      ({ alias, to, decision }) =>
        alias === promotion.alias && to === promotion.candidate && decision === promotion.decision,
    );
    return moved ? null : `the registry has no move of alias ${promotion.alias} by this decision`;
  },

  /**
   * Every call is idempotent and the run is closed last: after a kill anywhere, the next attempt walks the same path,
   * finds what is done already, and ends in the same state.
   */
  async run(ctx) {
    const { registry } = ctx.services;
    const decision = await ctx.inputs.decision.readJson("decision.json", Decision);
    const registered = await ctx.inputs.version.readJson("registered.json", Registered);
    const { runId } = registered;

    const { decision: judged, version: _version, forecaster, ...others } = ctx.inputs;
    const found = await valueOrDamage(registry.getVersion(registered.name, registered.version));
    const unreadable = found !== null && "code" in found ? found : null;
    const stored = found === null || "code" in found ? null : found;
    const damage = stored === null ? unreadable : await damageOf(registry, stored);
    const mismatch =
      damage === null
        ? mismatchOf(stored, decision, registered, forecaster, ctx.model)
        : damageLine(inThatRole(damage, "candidate"));
    await registry.putArtifacts(runId, publications({ decision: judged, ...others }));

    const verdict: Verdict =
      mismatch !== null
        ? { reason: "digest-mismatch", ...(await unmoved(registry, decision)) }
        : decision.verdict === "fail"
          ? { reason: "gate-failed", ...(await unmoved(registry, decision)) }
          : await moveAlias(ctx.services, decision, stored!, ctx.warn);
    if (mismatch !== null) ctx.warn(mismatch);
    const promoted = verdict.reason === "gate-passed";
    const outcome = promoted ? "promoted" : "escalated";

    await registry.closeRun(runId, {
      [RUN_TAGS.verdict]: outcome,
      [RUN_TAGS.version]: registered.version,
      [RUN_TAGS.decision]: decision.digest,
      [RUN_TAGS.promoted]: String(promoted),
      ...(promoted && decision.leftBehind !== undefined
        ? { [RUN_TAGS.startedAnew]: decision.leftBehind.id }
        : {}),
      ...(await trailTags(registry, decision.model, ctx.services.earlier)),
    });
    const promotion: Promotion = {
      outcome,
      reason: verdict.reason,
      model: decision.model,
      alias: decision.alias,
      candidate: registered.version,
      before: verdict.before,
      after: verdict.after,
      ...(promoted ? {} : { previous: await previousOf(registry, decision, verdict.after) }),
      decision: decision.digest,
      registryRun: runId,
    };
    await ctx.outputs.promotion.writeJson("promotion.json", promotion);
    return { summary: summaryOf(promotion, decision.damaged !== undefined) };
  },
});

type Verdict = Pick<Promotion, "reason" | "before" | "after">;

/** Why the candidate in the registry is not the one that the decision judged, or null when it is. */
function mismatchOf(
  stored: ModelVersion | null,
  decision: Decision,
  registered: Registered,
  forecaster: ArtifactReader,
  model: { readonly name: string; readonly alias: string },
): string | null {
  const { candidate } = decision;
  if (decisionDigest(decision) !== decision.digest) {
    return `the decision record does not have the digest that it names (${decision.digest})`;
  }
  if (decision.model !== model.name || decision.alias !== model.alias || registered.name !== model.name) {
    return `the decision is about ${decision.model}@${decision.alias}, this run about ${model.name}@${model.alias}`;
  }
  if (candidate.version !== registered.version) {
    return `the decision judged version ${candidate.version}, this run registered ${registered.version}`;
  }
  if (stored?.digest !== candidate.digest) {
    return `version ${candidate.version} in the registry has digest ${stored?.digest ?? "none"}, judged was ${candidate.digest}`;
  }
  const manifest = forecaster.files.find(({ path }) => path === MANIFEST_FILE);
  const built = manifest === undefined ? "none" : directoryDigest(manifest.sha256);
  if (built !== candidate.digest)
    return `the forecaster of this run has digest ${built}, judged was ${candidate.digest}`;
  return null;
}

/**
 * Compare-and-set. The key is the decision: one decision moves the alias once, whoever repeats the step. Where an earlier decision
 * has promoted this candidate already, the move from itself to itself puts the new decision on record. What a person took out of service or refused
 * does not come back by a fresh decision about the same model, whatever number it has.
 */
async function moveAlias(
  { registry, earlier }: Services,
  decision: Decision,
  stored: ModelVersion,
  warn: (message: string) => void,
): Promise<Verdict> {
  const { model, alias, candidate, digest, quarter } = decision;
  await requireWholeTrail(registry, model, earlier);
  // Before the history is read: a rollback that comes later is no longer what the move expects.
  const before = await registry.getAlias(model, alias);
  const withdrawal = await withdrawalOfVersion(registry, await movesOf(registry, model), alias, stored);
  if (withdrawal !== null) {
    const how = withdrawal.alias === alias ? "took" : "rejected";
    const number = how === "took" ? withdrawal.from! : withdrawal.to;
    const what = `version ${number}${how === "took" ? " out of service" : ""}`;
    const same = number === candidate.version ? "" : ` (version ${candidate.version} is the same model)`;
    warn(`${withdrawal.by} ${how} ${what} on ${withdrawal.at.slice(0, 10)}: ${withdrawal.reason}${same}`);
    return { reason: "withdrawn", before, after: before };
  }
  const move = (expected: string | null) =>
    registry.moveAlias({
      name: model,
      alias,
      to: candidate.version,
      expected,
      by: "retrain",
      reason: `the gate of ${quarter} passed`,
      decision: digest,
      key: promotionKey(alias, digest),
    });
  const first = await move(before === candidate.version ? candidate.version : expectedLive(decision));
  const isLive = first.outcome === "conflict" && first.current === candidate.version;
  const result = isLive ? await move(candidate.version) : first;
  if (result.outcome === "conflict") {
    return { reason: "champion-moved", before: result.current, after: result.current };
  }
  // This decision moved the alias once and somebody moved it on or back since: a person decided, and a repeated run must not undo it.
  const live = await registry.getAlias(model, alias);
  if (live !== candidate.version) return { reason: "champion-moved", before: live, after: live };
  return { reason: "gate-passed", before: result.move.from, after: result.move.to };
}

async function unmoved(registry: ModelRegistry, decision: Decision): Promise<Omit<Verdict, "reason">> {
  const live = await valueOrDamage(registry.getAlias(decision.model, decision.alias));
  // What the alias names cannot be said then, and the decision says why.
  if (live !== null && typeof live === "object") return { before: null, after: null };
  return { before: live, after: live };
}

const previousOf = async (
  registry: ModelRegistry,
  { model, alias }: Decision,
  live: string | null,
): Promise<string | null> => (live === null ? null : versionBefore(registry, { model, alias, live }));

/** Files of the quarter, in a folder a kind. */
function publications(inputs: Readonly<Record<string, ArtifactReader | null>>): RegistryFile[] {
  return Object.entries(inputs).flatMap(([folder, artifact]) =>
    (artifact?.files ?? []).map(({ path }) => ({
      path: `${folder}/${path}`,
      source: artifact!.file(path),
    })),
  );
}

function summaryOf(
  { outcome, reason, model, alias, candidate, before, after }: Promotion,
  isDamaged: boolean,
): string {
  if (outcome === "promoted") {
    return `${model}@${alias} names version ${after} now${before === null ? ", its first release" : `, ${before} before`}`;
  }
  const none = isDamaged ? "what is live is not known" : "no version is live";
  const stays = after === null ? none : `version ${after} stays live`;
  const why = {
    "gate-passed": "",
    "gate-failed": `the gate did not pass version ${candidate}`,
    "champion-moved": `${alias} moved while the gate judged`,
    withdrawn: `a person took version ${candidate} back`,
    "digest-mismatch": `version ${candidate} is not what the gate judged`,
  }[reason];
  return `${stays}: ${why}`;
}
