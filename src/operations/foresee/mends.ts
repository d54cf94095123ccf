import { ownValue } from "../../kit/own-value.js";
import type { DataSpec } from "../../kit/specs.js";
import type { Validation, validateSource } from "../../panel/checks/report.js";
import { numberColumns } from "../../panel/panel.js";
import type { SourcePanel } from "../../panel/source.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import type { Place } from "../../runbook/source.js";
import { columnPath, placeOfSource } from "./columns.js";
import { type PlacedStep, placeOfParameter, yamlKey } from "./finding.js";

export type Limits = Parameters<typeof validateSource>[2];
export type Check = Validation["report"]["checks"][number];

/** What a check of the data was made of. */
export interface Scope {
  readonly runbook: LegibleRunbook;
  readonly data: DataSpec;
  /** What the source was read by. */
  readonly spec: DataSpec;
  readonly source: SourcePanel;
  readonly validate: PlacedStep;
  readonly limits: Limits;
}

/** The key of the runbook that a check follows, and the option that lets it pass. */
interface Mend {
  readonly place: Place;
  readonly hint: string;
}

/** @param check that fails; of one column, its id ends with it */
export function mendOf(check: Check, scope: Scope): Mend {
  const { runbook, data, validate, limits, source } = scope;
  const [kind, ...rest] = check.id.split(".");
  const column = rest.join(".");
  const inWith = `in \`with\` of ${validate.step.id}`;
  const ofColumn = (name: string): Place => runbook.place(columnPath(data, name));
  const series = ofColumn(data.parts?.series?.[0] ?? data.columns.series);
  const parameter = (...keys: string[]) => placeOfParameter(runbook, validate, keys);
  /** Where the limit of a column is written; else where the column has its role. */
  const limitOf = (of: "ranges" | "nulls" | "values"): Place => {
    const given: Readonly<Record<string, unknown>> = limits[of] ?? {};
    const key = ownValue(given, column) !== undefined ? column : "target";
    const isGiven = ownValue(given, key) !== undefined && (key === column || column === data.columns.target);
    return isGiven ? parameter(of, key) : ofColumn(column);
  };
  const advice = check.advice === undefined ? "" : `${check.advice}; `;
  switch (kind) {
    case "periods":
      return {
        place: ofColumn(data.parts?.time?.[0] ?? data.columns.time),
        hint: '`timeFormat` in `data` says how the column is written, e.g. `timeFormat: "%d.%m.%Y"`; `timeFlags` what may stand behind it; else correct the cells',
      };
    case "series-ids":
      return { place: series, hint: `${advice}every row needs an id` };
    case "duplicates":
      return {
        place: series,
        hint: `where several columns name a series together, list them: \`series: [${data.columns.series}, …]\`${others(source, data)}; else leave the doubles out of the source`,
      };
    case "id-spellings":
      return { place: series, hint: check.advice ?? "write each id in one way" };
    case "attributes":
      return {
        place: ofColumn(column),
        hint: "take it out of `attributes`: one that changes is no label of the series; a number may be listed under `observed`",
      };
    case "numbers":
      return {
        place: ofColumn(column),
        hint: "write finite numbers with a decimal point and without separators of thousands, and leave cells without a value empty",
      };
    case "nulls": {
      const share = limitFor(shareOf(source, column, data));
      return {
        place: limitOf("nulls"),
        hint: `\`nulls: { ${yamlKey(column)}: ${share} }\` ${inWith} lets it pass`,
      };
    }
    case "range": {
      const { low, high } = spanOf(source, column, data);
      const given = ownValue(limits.ranges, column) ?? ownValue(limits.ranges, "target");
      const wider = [
        ...(given?.min === undefined ? [] : [`min: ${Math.min(low, given.min)}`]),
        ...(given?.max === undefined ? [] : [`max: ${Math.max(high, given.max)}`]),
      ].join(", ");
      return {
        place: limitOf("ranges"),
        hint: `\`ranges: { ${yamlKey(column)}: { ${wider} } }\` ${inWith} lets them pass; else correct the cells`,
      };
    }
    case "values":
      return {
        place: limitOf("values"),
        hint: `add what is right to \`values: { ${yamlKey(column)}: […] }\` ${inWith}; else correct the cells`,
      };
    case "ahead-missing":
      return {
        place: limitOf("nulls"),
        hint: `raise \`nulls: { ${yamlKey(column)}: … }\` ${inWith}, list it under \`observed\`, or load the periods ahead`,
      };
    case "ahead-scale":
      return { place: ofColumn(column), hint: `${advice}else correct the cells` };
    case "quarter-data":
      return {
        place: placeOfSource(runbook, data, null),
        hint: check.advice ?? "load the missing rows",
      };
    case "gaps":
      return {
        place: parameter("gaps"),
        hint: `\`gaps: warn\` ${inWith} lets them pass, or load the missing rows`,
      };
    case "rows":
      return {
        place: parameter("minRows"),
        hint: `\`minRows: ${limits.minRows - check.count}\` ${inWith} lets it pass, or load more rows`,
      };
    case "rows-drop":
      return {
        place: parameter("maxRowsDrop"),
        hint: `\`maxRowsDrop: 1\` ${inWith} lets it pass, or load the missing rows`,
      };
    case "series-lost":
      return {
        place: parameter("maxSeriesLost"),
        hint: `\`maxSeriesLost: 1\` ${inWith} lets it pass, or load the missing series`,
      };
    default:
      return {
        place: placeOfSource(runbook, data, null),
        hint: check.advice ?? "correct the data",
      };
  }
}

/** Columns of the file without a role: one of them may belong to the id. */
function others({ files }: SourcePanel, { columns, parts }: DataSpec): string {
  const roles = new Set([
    ...(parts?.series ?? [columns.series]),
    ...(parts?.time ?? [columns.time]),
    columns.target,
    columns.label ?? "",
    ...columns.attributes,
    ...columns.known,
    ...columns.observed,
  ]);
  const [file] = files;
  if (file === undefined) return "";
  const names = file.kind === "parquet" ? file.columns.map(({ name }) => name) : file.header;
  const free = [...columns.attributes, ...names.filter((name) => !roles.has(name) && name.trim() !== "")];
  return free.length === 0 ? "" : ` (there are ${free.slice(0, 8).join(", ")})`;
}

function shareOf({ panel }: SourcePanel, column: string, { columns }: DataSpec): number {
  const values = numberColumns(panel, columns.target).get(column) ?? new Float64Array();
  const empty = values.filter((value) => Number.isNaN(value)).length;
  return values.length === 0 ? 0 : empty / values.length;
}

/** A limit that lets the share pass, and one like it next quarter: in steps of 5%. */
const limitFor = (share: number): number => Math.min(1, Math.ceil((share + 0.01) * 20 - 1e-9) / 20);

function spanOf({ panel, aheadCells }: SourcePanel, column: string, { columns }: DataSpec) {
  const past = numberColumns(panel, columns.target).get(column) ?? new Float64Array();
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of [past, ownValue(aheadCells?.known ?? {}, column) ?? new Float64Array()]) {
    for (const value of Array.from(values)) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { low, high };
}
