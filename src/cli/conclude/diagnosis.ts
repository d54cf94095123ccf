import { createHash } from "node:crypto";
import { diagnose } from "../../diagnosis/diagnose.js";
import { Diagnosis } from "../../diagnosis/finding.js";
import { type SuspectRow, suspectRows } from "../../diagnosis/rows.js";
import type { Engine, RunRequest } from "../../engine/engine.js";
import { previousArtifact } from "../../history/previous.js";
import { Segments } from "../../kit/artifacts/segments.js";
import { ValidationReport } from "../../kit/artifacts/validation.js";
import type { ModelRegistry } from "../../kit/registry.js";
import type { IdFolding } from "../../kit/specs.js";
import { readPanelArtifact } from "../../panel/artifact.js";
import { calendarOf } from "../../panel/calendar.js";
import { periodProfile } from "../../panel/checks/coverage.js";
import { unreadableColumns } from "../../panel/checks/unreadable.js";
import { type CsvFormulas, csvField } from "../../panel/csv-cells.js";
import { foldId } from "../../panel/id-forms.js";
import type { Panel } from "../../panel/panel.js";
import { readSource } from "../../panel/source.js";
import type { RunArtifacts } from "./artifacts.js";
import { type DiagnosisSources, keptDiagnosis } from "./derived.js";

/** Series that `rows.csv` lists. */
const SUSPECTS = 50;

/** What a page says of the data: causes, and the rows to look at first. */
export interface DataDiagnosis {
  readonly diagnosis: Diagnosis;
  /** `rows.csv` */
  readonly rows: string;
}

/** Of a run that came to a decision; null where it has no panel. */
export async function diagnoseRun(
  engine: Engine,
  request: RunRequest,
  artifacts: RunArtifacts,
  registry: ModelRegistry,
): Promise<DataDiagnosis | null> {
  const { validation, accuracy, training, decision, panel } = artifacts;
  if (panel === null) return null;
  const previous = await previousQuarter(registry, request);
  const drifted = (validation?.drift ?? []).flatMap(({ feature, reference, verdict }) =>
    verdict === "FAIL" || verdict === "WARN" ? [{ feature, reference }] : [],
  );
  const restated = validation?.restated ?? null;
  const measured = { accuracy, training, rules: decision?.rules ?? [], drifted, restated };
  const sources: DiagnosisSources = {
    panel,
    rest: {
      previous: previous.hash,
      measured,
      cutoff: request.quarter.cutoff,
      data: request.scope.data.columns,
      csv: request.scope.csv?.formulas ?? "text",
    },
  };
  const text = await keptDiagnosis(engine, sources, async () => {
    const read = await readPanelArtifact(panel, {
      ahead: false,
      columns: request.scope.data.columns,
      calendar: calendarOf(request.scope.data, request.scope.fiscalYearStart),
      cutoff: request.quarter.cutoff,
    });
    return JSON.stringify(
      diagnosisOf(read, { previous: previous.found, ...measured }, request.scope.csv?.formulas),
    );
  });
  const { diagnosis, rows } = JSON.parse(text) as DataDiagnosis;
  return { diagnosis: Diagnosis.parse(diagnosis), rows };
}

/**
 * Of the source itself, for a run whose validation stopped it.
 * @throws what reading the source throws
 */
export async function diagnoseSource(request: RunRequest, registry: ModelRegistry): Promise<Diagnosis> {
  const { scope, quarter } = request;
  const source = await readSource(scope.data, {
    cutoff: quarter.cutoff,
    fiscalYearStart: scope.fiscalYearStart,
    ahead: 0,
  });
  const unreadable = await unreadableColumns(source, scope.data);
  const { found } = await previousQuarter(registry, request);
  const nothing = { accuracy: null, training: null, rules: [], drifted: [] };
  return diagnosisOf(source.panel, { previous: found, unreadable, ...nothing }).diagnosis;
}

function diagnosisOf(
  panel: Panel,
  rest: Omit<Parameters<typeof diagnose>[0], "panel" | "profile">,
  formulas: CsvFormulas = "text",
): DataDiagnosis {
  return {
    diagnosis: diagnose({ panel, profile: periodProfile(panel), ...rest }),
    rows: rowsCsv(panel, suspectRows(panel, SUSPECTS), formulas),
  };
}

/** Profile and segments that the quarter before left; what cannot be read any more is not there. */
async function previousQuarter(registry: ModelRegistry, { scope, quarter }: RunRequest) {
  const of = { model: scope.model.name, quarter: quarter.label };
  const validation = await previousArtifact(registry, of, "validation/validation.json");
  const segments = await previousArtifact(registry, of, "segments/segments.json");
  const hash = createHash("sha256");
  for (const file of [validation, segments]) hash.update(file?.bytes ?? "");
  const profile = validation === null ? null : parsed(validation.bytes, ValidationReport)?.profile;
  if (validation === null || profile == null) return { hash: hash.digest("hex"), found: null };
  const written = segments === null ? null : (parsed(segments.bytes, Segments)?.assignment ?? null);
  const assignment = written === null ? null : foldKeys(written, scope.data.ids);
  return { hash: hash.digest("hex"), found: { quarter: validation.quarter, profile, assignment } };
}

/** That run may be older than the option. */
const foldKeys = (assignment: Segments["assignment"], ids: IdFolding | undefined) =>
  ids === undefined
    ? assignment
    : Object.fromEntries(Object.entries(assignment).map(([id, segment]) => [foldId(id, ids), segment]));

/** Null for a record of another program: the steps that need it have already said so. */
function parsed<T>(
  bytes: Uint8Array,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): T | null {
  const result = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  return result.success ? result.data : null;
}

function rowsCsv(panel: Panel, rows: readonly SuspectRow[], formulas: CsvFormulas): string {
  const cell = (value: string | number | null) =>
    csvField(typeof value === "number" ? Number(value.toPrecision(10)) : value, formulas);
  const attributeNames = panel.attributes.map(({ name }) => name);
  const label = panel.names === undefined ? [] : ["label"];
  const place = new Map(panel.series.map((id, s) => [id, s]));
  const nameOf = (id: string) => (panel.names === undefined ? [] : [panel.names[place.get(id)!] ?? ""]);
  const header = ["series", ...label, ...attributeNames, "period", "actual", "year_ago", "expected"]
    .map(cell)
    .join(",");
  const lines = rows.map(({ series, attributes, period, actual, yearAgo, expected }) =>
    [series, ...nameOf(series), ...attributes, period, actual, yearAgo, expected].map(cell).join(","),
  );
  return `${[header, ...lines].join("\n")}\n`;
}
