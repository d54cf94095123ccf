import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { findSubject, type Subject } from "../../../src/approval/subject.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { goldenOf } from "../../../src/forecast/forecaster/golden.js";
import { openForecaster } from "../../../src/forecast/forecaster/session.js";
import { emitOnnx } from "../../../src/forecast/onnx/emit.js";
import { panelBatch } from "../../../src/forecast/panel-batch.js";
import { decisionDigest } from "../../../src/history/decision.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import type { Decision, RuleResult } from "../../../src/kit/artifacts/decision.js";
import type { AliasMoveOutcome, ModelRegistry } from "../../../src/kit/registry.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { smallModel, smallPanel } from "../forecast/forecaster/support.js";

export const NOW = "2025-07-03T09:00:00.000Z";
export const EXPIRES = "2025-09-30";
export const ALIAS = "best";

export const words = (by: string, reason = "the outlier is explained") => ({ by, reason, expires: EXPIRES });

export const ANYBODY = { approvers: [], required: 1 } as const;
export const TWO = { approvers: [], required: 2 } as const;

/** A model directory that answers its golden predictions; `edit` changes its files before they are listed. */
async function modelFiles(about: string, edit: (files: Map<string, string | Uint8Array>) => void) {
  const panel = smallPanel();
  const model = smallModel;
  const graph = emitOnnx(model, "0.1.0");
  const forecaster = await openForecaster(graph);
  const segment = new Int32Array(panel.series.length);
  const batch = panelBatch(panel, panel.lastPeriod, forecaster.metadata, segment);
  const golden = await goldenOf(forecaster, panel.series, batch);
  await forecaster.close();
  const files = new Map<string, string | Uint8Array>([
    ["model.onnx", graph],
    ["golden.json", JSON.stringify(golden)],
    ["about.txt", about],
  ]);
  edit(files);
  const listed = [...files].map(([path, content]) => ({
    path,
    sha256: createHash("sha256").update(content).digest("hex"),
    bytes: content.length,
  }));
  files.set("manifest.json", JSON.stringify({ format: 1, files: listed }));
  return files;
}

export const rule = (id: string, blocks: boolean): RuleResult => ({
  id,
  kind: "threshold",
  verdict: blocks ? "FAIL" : "PASS",
  severity: "block",
  blocks,
  metric: "accuracy.wmape",
  observed: 0.3,
  limit: 0.2,
  direction: "max",
  n: 100,
  why: null,
  detail: "",
  interval: null,
  by: null,
  groups: [],
});

export interface ApprovalBench {
  readonly model: string;
  readonly registry: ModelRegistry;
  /** Where files wait on their way into the registry, and the embedded registry is. */
  readonly folder: string;
  /** A version with its model, of a run that is still open. Each is another model, unless `as` says what it is. */
  version(
    name: string,
    edit?: (files: Map<string, string | Uint8Array>) => void,
    as?: ModelAs,
  ): Promise<Candidate>;
  /** The run's decision, published, and the run closed as `promote` does. */
  escalate(made: Candidate, baseline: string | null, more?: Partial<Decision>): Promise<Decision>;
  promote(made: { readonly version: string }): Promise<AliasMoveOutcome>;
  subject(run: string | null, action?: "approve" | "reject", decision?: string | null): Promise<Subject>;
  /** Moves of the alias: `2→3 by Ada`. */
  trail(alias?: string): Promise<string[]>;
}

export interface ModelAs {
  /** Null for a version of before there were identities. */
  readonly identity?: string | null;
  /** What its directory tells beside the forecaster: another text is another digest. */
  readonly about?: string;
}

export interface Candidate {
  readonly run: string;
  readonly runId: string;
  readonly version: string;
  readonly digest: string;
}

export function embeddedBench(): ApprovalBench {
  const folder = mkdtempSync(join(tmpdir(), "retrain-approval-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = { now: () => NOW, monotonic: () => 0 };
  return benchOver(
    embeddedRegistry({ folder: join(folder, "registry"), files: nodeFiles(), clock }, "file:registry"),
    "demand",
    folder,
  );
}

/** @param folder for files on their way into the registry */
export function benchOver(registry: ModelRegistry, model: string, folder: string): ApprovalBench {
  let files = 0;
  const fileOf = (content: string | Uint8Array): string => {
    const source = join(folder, `file-${++files}`);
    writeFileSync(source, content);
    return source;
  };
  return {
    model,
    registry,
    folder,
    async version(name, edit = () => undefined, { identity = null, about = name } = {}) {
      const tags = identity === null ? {} : { [RUN_TAGS.identity]: identity };
      const { runId } = await registry.ensureRun({
        key: name,
        model,
        name,
        quarter: "2025Q2",
        cutoff: "2025-06-30",
        tags: { [RUN_TAGS.run]: name, ...tags },
      });
      const spec = { name: model, key: name, runId, description: "", tags };
      const { version } = await registry.ensureVersion(spec);
      const contents = await modelFiles(about, edit);
      const digest = `sha256:${createHash("sha256").update(contents.get("manifest.json")!).digest("hex")}`;
      const sources = [...contents].map(([path, content]) => ({ path, source: fileOf(content) }));
      await registry.attachModel(model, version, sources, digest);
      return { run: name, runId, version, digest };
    },
    async escalate({ runId, version, digest }, baseline, more = {}) {
      const judged: Omit<Decision, "digest"> = {
        quarter: "2025Q2",
        cutoff: "2025-06-30",
        model,
        alias: ALIAS,
        candidate: { version, digest },
        baseline: baseline === null ? null : { version: baseline, digest: null },
        firstRelease: baseline === null,
        verdict: "fail",
        rules: [rule("accuracy", true), rule("drift", true), rule("checkpoints", false)],
        loosened: [],
        policy: null,
        overrides: [],
        inputs: { panel: "p", training: "t", runbook: "r", retrain: "0.1.0", git: null },
        ...more,
      };
      const decision = { ...judged, digest: more.digest ?? decisionDigest(judged) };
      const source = fileOf(JSON.stringify(decision));
      await registry.putArtifacts(runId, [{ path: "decision/decision.json", source }]);
      await registry.closeRun(runId, {
        [RUN_TAGS.verdict]: "escalated",
        [RUN_TAGS.version]: version,
        [RUN_TAGS.decision]: decision.digest,
        [RUN_TAGS.promoted]: "false",
      });
      return decision;
    },
    promote: ({ version }) =>
      registry.moveAlias({
        name: model,
        alias: ALIAS,
        to: version,
        by: "retrain",
        reason: "the gate passed",
        decision: `sha256:of ${version}`,
        key: `promote ${ALIAS} sha256:of ${version}`,
      }),
    async subject(run, action = "approve", decision = null) {
      const found = await findSubject(registry, { action, model, run, decision });
      if (found === null) throw new Error(`the registry has no run ${run}`);
      return found;
    },
    async trail(alias = ALIAS) {
      const moves = await registry.aliasHistory(model);
      return moves
        .filter((move) => move.alias === alias)
        .map(({ from, to, by }) => `${from ?? "none"}→${to} by ${by}`);
    },
  };
}
