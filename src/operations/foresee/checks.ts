import { periodEnd } from "../../calendar/period.js";
import { quarterOfDay } from "../../calendar/quarter.js";
import type { DataSpec } from "../../kit/specs.js";
import { validateSource } from "../../panel/checks/report.js";
import { numberColumns } from "../../panel/panel.js";
import type { SourcePanel } from "../../panel/source.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import { columnPath } from "./columns.js";
import { type Foresight, isLeftOut, type PlacedStep, severityOf } from "./finding.js";
import { type Check, type Limits, mendOf, type Scope } from "./mends.js";

/** Checks that can only be judged where ids, periods and the target are what the run will see. */
const OF_WHOLE_ROWS = /^(duplicates|gaps|rows|rows-drop|series-lost|quarter-data|id-spellings|ahead-)/;
/** Parameters that checks follow: where one is wrong, nobody knows what they will say. */
const PARAMETER_OF: Readonly<Record<string, string>> = {
  nulls: "nulls",
  range: "ranges",
  values: "values",
  gaps: "gaps",
  rows: "minRows",
  "rows-drop": "maxRowsDrop",
  "series-lost": "maxSeriesLost",
  "ahead-missing": "nulls",
  "ahead-scale": "ranges",
};
/** Checks that count rows. */
const OF_ROWS = /^(quarter-data|rows|rows-drop|series-lost|gaps)$/;
/** After these there is no panel to train on or to count in. */
const UNUSABLE = /^(periods|duplicates|series-ids|id-spellings|quarter-data|rows)$/;

export interface ChecksLook {
  readonly findings: readonly Foresight[];
  /** Whether the panel is one that the steps after the validation could take. */
  readonly isUsable: boolean;
}

/**
 * What `validate-data` will stop for, each with the option that lets it pass, and known features that are not known ahead.
 * @param spec what the source was read by
 */
export async function lookAtChecks(
  runbook: LegibleRunbook,
  data: DataSpec,
  spec: DataSpec,
  look: { readonly source: SourcePanel; readonly isWhole: boolean },
  validate: PlacedStep,
): Promise<ChecksLook> {
  const { source, isWhole } = look;
  const limits = limitsFor(validate.step.params as Limits, source, spec);
  const { report } = await validateSource(source, spec, limits, null);
  const scope: Scope = { runbook, data, spec, source, validate, limits };
  const judged = report.checks.filter(
    ({ id }) =>
      (isWhole || !OF_WHOLE_ROWS.test(id)) &&
      !isLeftOut(validate, PARAMETER_OF[id.split(".")[0]!] ?? "none of them"),
  );
  const failed = judged.filter(({ status }) => status === "fail");
  const isFailed = (...ids: string[]) => failed.some(({ id }) => ids.includes(id));
  // Rows whose period cannot be read are in no quarter, and a quarter without rows lacks all of its rows and series.
  const told = failed.filter(
    ({ id }) =>
      !(isFailed("periods") && OF_ROWS.test(id)) &&
      !(isFailed("quarter-data") && (id === "rows-drop" || id === "series-lost")) &&
      !(id === "attributes" && isSeriesGone(data, spec)),
  );
  // Another column stands in for a target that is not there.
  const standIn = spec.columns.target === data.columns.target ? null : spec.columns.target;
  const ahead = judged.filter(({ id, status }) => status === "warn" && id.startsWith("ahead-missing."));
  return {
    findings: [
      ...told
        .filter(({ id }) => standIn === null || !id.endsWith(`.${standIn}`))
        .flatMap((check) => byColumn(check, scope, standIn))
        .map((check) => failure(check, scope)),
      ...ahead.map((check) => notAhead(check, scope)),
    ],
    isUsable: isWhole && !report.checks.some(({ id, status }) => status === "fail" && UNUSABLE.test(id)),
  };
}

/** Whether something stands in for ids that are not there: one series has all attributes. */
const isSeriesGone = ({ parts }: DataSpec, spec: DataSpec): boolean =>
  JSON.stringify(parts?.series) !== JSON.stringify(spec.parts?.series);

/** A check of several columns as one for each that breaks it: each has its own place in the runbook. */
function byColumn(check: Check, { source, spec }: Scope, standIn: string | null): readonly Check[] {
  const broken = brokenColumns(check.id, source, spec);
  if (broken === null) return [check];
  return [...broken]
    .filter(([column]) => column !== standIn)
    .map(([column, count]) => {
      const examples = check.examples.filter((text) => text.includes(`: ${column} is `));
      const detail = `${count} ${count === 1 ? "cell" : "cells"} of ${column}`;
      return { ...check, id: `${check.id}.${column}`, count, examples, detail };
    });
}

/** Cells by column; null for a check that is of one column, or of rows. */
function brokenColumns(
  id: string,
  source: SourcePanel,
  { columns }: DataSpec,
): ReadonlyMap<string, number> | null {
  const counts = new Map<string, number>();
  const add = (column: string, count: number): void => {
    if (count > 0) counts.set(column, (counts.get(column) ?? 0) + count);
  };
  switch (id) {
    case "attributes":
      for (const { column } of source.changedAttributes) add(column, 1);
      return counts;
    case "numbers": {
      const ahead = Object.entries(source.aheadCells?.known ?? {});
      for (const [column, values] of [...numberColumns(source.panel, columns.target), ...ahead])
        add(column, Array.from(values).filter((value) => value === Number.POSITIVE_INFINITY).length);
      return counts;
    }
    default:
      return null;
  }
}

/** The limits of columns that the source has: the others were told already. */
function limitsFor(limits: Limits, source: SourcePanel, spec: DataSpec): Limits {
  const there = new Set([
    "target",
    ...numberColumns(source.panel, spec.columns.target).keys(),
    ...source.panel.attributes.map(({ name }) => name),
  ]);
  const labels = new Set(source.panel.attributes.map(({ name }) => name));
  const kept = <T>(of: Readonly<Record<string, T>>, isOk: (name: string) => boolean): Record<string, T> =>
    Object.fromEntries(Object.entries(of).filter(([name]) => isOk(name)));
  const isNumber = (name: string) => there.has(name) && !labels.has(name);
  return {
    ...limits,
    ranges: kept(limits.ranges, isNumber),
    nulls: kept(limits.nulls, isNumber),
    ...(limits.values === undefined ? {} : { values: kept(limits.values, (name) => there.has(name)) }),
  };
}

function failure(check: Check, scope: Scope): Foresight {
  const { validate, source } = scope;
  const { place, hint } = mendOf(check, scope);
  const { calendar, lastPeriod } = source.panel;
  const quarter = quarterOfDay(periodEnd(lastPeriod, calendar), calendar.fiscalYearStart).label;
  const examples = check.examples.length > 0 ? check.examples : [check.detail];
  // What says how many, or what helps, is not said twice.
  const isTold =
    examples.includes(check.detail) || check.detail.endsWith(" found") || check.id === "id-spellings";
  const detail = isTold ? examples : [check.detail, ...examples];
  const isOfQuarter = ["quarter-data", "rows-drop", "series-lost"].includes(check.id);
  return {
    severity: severityOf(validate),
    step: validate.step.id,
    code: `data.${check.id.split(".")[0]!}`,
    message: `expected ${check.expected}${isOfQuarter ? ` in ${quarter}` : ""}: ${detail.join("; ")}${isTold && check.examples.length > 0 ? more(check, examples) : ""}`,
    ...place,
    suggestion: hint,
  };
}

const more = ({ count }: Check, examples: readonly string[]): string =>
  count > examples.length ? `; ${count} in all` : "";

/** Known ahead is what the forecast reads of a feature; where it is not there it assumes the average. */
function notAhead({ id, detail }: Check, { runbook, data, validate }: Scope): Foresight {
  const feature = id.slice("ahead-missing.".length);
  return {
    severity: "warning",
    step: validate.step.id,
    code: "data.ahead-missing",
    message: `${feature} is listed as known ahead: ${detail}`,
    ...runbook.place(columnPath(data, feature)),
    suggestion: `load rows with ${feature} for the periods ahead, or list it under \`observed\``,
  };
}
