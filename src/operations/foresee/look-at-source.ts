import { stat } from "node:fs/promises";
import { type Failure, FailureError } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import type { DataSpec } from "../../kit/specs.js";
import { inspectSource, readSource, type SourcePanel } from "../../panel/source.js";
import { sourceFiles } from "../../panel/source-files.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import { columnPath, placeOfSource } from "./columns.js";
import type { Foresight } from "./finding.js";
import { aboutTimes, isOfTimes } from "./times.js";

/** A larger source is not read for this: its reading is most of a quarter's time. Its head is. */
export const MOST_BYTES = 32 * 2 ** 20;

/** More mistakes than one source has that keep it from being read. */
const MOST_ROUNDS = 24;

export interface SourceLook {
  readonly findings: readonly Foresight[];
  /** Null where it could not be read, or is too large for that. */
  readonly source: SourcePanel | null;
  /** What it was read by: without the columns and files that are not there, and with a guess where dates have two readings. */
  readonly spec: DataSpec;
  /** Whether ids, periods and the target are what the run will see. */
  readonly isWhole: boolean;
}

/**
 * Reads the source as `validate-data` does. What keeps it from being read is told and put out of the way, so that it hides nothing of what else there is.
 * @param data the runbook's `data:` as far as it is right
 * @param step the step that will say it
 * @param options.headsOnly looks at the columns alone
 */
export async function lookAtSource(
  runbook: LegibleRunbook,
  data: DataSpec,
  step: string | null,
  { cutoff, headsOnly }: { readonly cutoff: string | null; readonly headsOnly: boolean },
): Promise<SourceLook> {
  const findings: Foresight[] = [];
  let spec = data;
  let isWhole = true;
  /** Readings of the dates to try when the one at hand does not give months; null while none was guessed. */
  let guesses: readonly DataSpec[] | null = null;
  const done = (source: SourcePanel | null): SourceLook => ({ findings, source, spec, isWhole });
  const add = (found: Omit<Foresight, "severity" | "step">): void => {
    findings.push({ severity: "error", step, ...found });
  };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    try {
      if (headsOnly) {
        await inspectSource(spec);
        return done(null);
      }
      if (await isLarge(spec)) {
        await inspectSource(spec);
        const limit = `${MOST_BYTES / 2 ** 20} MB`;
        findings.push({
          severity: "warning",
          step,
          code: "data.not-read",
          message: `the source is larger than ${limit}: its columns were looked at, its rows were not`,
          ...placeOfSource(runbook, data, null),
          suggestion: `\`${programName()} quarter QUARTER --until ${step ?? "validate"}\` reads them, and does nothing else`,
        });
        return done(null);
      }
      const { fiscalYearStart, model } = runbook;
      return done(await readSource(spec, { cutoff, fiscalYearStart, ahead: model?.horizon ?? 0 }));
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      const { failure } = error;
      if (guesses !== null && isOfTimes(failure)) {
        // It is the guess that is wrong, which is nobody's mistake.
        const [next, ...others]: readonly DataSpec[] = guesses;
        if (next === undefined) return done(null);
        [spec, guesses] = [next, others];
        continue;
      }
      if (isOfTimes(failure)) {
        const times = aboutTimes(runbook, data, spec, failure);
        for (const found of times.found) add(found);
        const [next, ...others] = times.guesses;
        if (next === undefined) return done(null);
        [spec, guesses, isWhole] = [next, others, false];
        continue;
      }
      const way = wayOn(runbook, data, spec, failure);
      if (way === null) throw error;
      for (const found of way.found) add(found);
      if (way.spec === null) return done(null);
      spec = way.spec;
      isWhole &&= way.keepsWhole;
    }
  }
  return done(null);
}

interface WayOn {
  readonly found: readonly Omit<Foresight, "severity" | "step">[];
  /** What can be read in spite of it; null where nothing can. */
  readonly spec: DataSpec | null;
  readonly keepsWhole: boolean;
}

/** Null for a failure that is not about the source. */
function wayOn(runbook: LegibleRunbook, data: DataSpec, spec: DataSpec, failure: Failure): WayOn | null {
  const atSource = (file: string | null, message: string, suggestion: string): WayOn => ({
    found: [{ code: failure.code, message, ...placeOfSource(runbook, data, file), suggestion }],
    spec: withoutSource(spec, file),
    keepsWhole: true,
  });
  switch (failure.code) {
    case "data.source-missing":
      return atSource(
        failure.source,
        failure.dangling === true
          ? `${failure.source} is a link to a file that is not there`
          : `there is no file ${failure.source}`,
        "correct `source`, a path or pattern that starts at the runbook's folder, or put the file there",
      );
    case "data.source-not-a-file":
      return atSource(
        failure.source,
        `${failure.source} is a ${failure.kind}, not a file`,
        failure.kind === "folder"
          ? "name the files in it, e.g. `source: FOLDER/*.csv`"
          : "write what it gives to a file, and name that",
      );
    case "data.lfs-pointer":
      return atSource(
        failure.file,
        `${failure.file} is a Git LFS pointer: its content has not been downloaded`,
        "type `git lfs pull`",
      );
    case "data.empty":
      return atSource(failure.file, `${failure.file} has no rows`, "export the panel again");
    case "fs.failed":
      return atSource(
        failure.path,
        `${failure.path} cannot be read (${failure.errno})`,
        "let this user read it",
      );
    case "data.unreadable": {
      const line = failure.line === null ? "" : `:${failure.line}`;
      const found = `${failure.file}${line}: ${failure.detail}`;
      const hint = /utf-?8|encoding/i.test(failure.detail)
        ? "`encoding: windows-1252` in `data`, or another one, says how it is written; or save it as UTF-8"
        : "correct the file; `delimiter`, `encoding` and `sheet` in `data` say how it is written";
      return { ...atSource(failure.file, found, hint), spec: null };
    }
    case "data.columns-missing":
      return columnsMissing(runbook, data, spec, failure);
    case "data.no-rows-before-cutoff": {
      const { cutoff, first, last } = failure;
      const span = first === null || last === null ? "" : `; it goes from ${first} to ${last}`;
      const message = `the panel has no row up to ${cutoff}${span}`;
      const hint = "take a quarter inside that range, or load the missing periods";
      return { ...atSource(null, message, hint), spec: null };
    }
    default:
      return null;
  }
}

function columnsMissing(
  runbook: LegibleRunbook,
  data: DataSpec,
  spec: DataSpec,
  failure: Extract<Failure, { code: "data.columns-missing" }>,
): WayOn {
  const { file, missing, found } = failure;
  const names = found.filter((name) => name.trim() !== "");
  const there = `${file} has ${names.join(", ") || "no columns"}`;
  const gone = missing.map(({ column }) => column);
  return {
    found: missing.map(({ column, role, suggestion }) => ({
      code: failure.code,
      message: `${file} has no column ${JSON.stringify(column)}, which is ${ROLE[role] ?? role}`,
      ...runbook.place(columnPath(data, column)),
      suggestion: suggestion === null ? there : `did you mean ${JSON.stringify(suggestion)}? ${there}`,
    })),
    ...withoutColumns(spec, gone, names),
  };
}

const ROLE: Readonly<Record<string, string>> = {
  series: "the series",
  time: "the time",
  target: "the target",
  label: "the label",
  attributes: "an attribute",
  known: "a known feature",
  observed: "an observed feature",
};

/** The spec without columns that are not there; another one stands in for a role that must be filled. */
function withoutColumns(
  spec: DataSpec,
  gone: readonly string[],
  found: readonly string[],
): Pick<WayOn, "spec" | "keepsWhole"> {
  const { columns, parts } = spec;
  const kept = (names: readonly string[]) => names.filter((name) => !gone.includes(name));
  const timeColumns = parts?.time ?? [columns.time];
  // Without the time, or with a part of it, nothing can be said of any row.
  if (timeColumns.some((name) => gone.includes(name)) && spec.wide === undefined)
    return { spec: null, keepsWhole: false };
  if (spec.wide !== undefined && kept(timeColumns).length < timeColumns.length)
    return { spec: null, keepsWhole: false };
  const { label, ...others } = columns;
  const seriesGone = (parts?.series ?? [columns.series]).some((name) => gone.includes(name));
  const targetGone = gone.includes(columns.target) && found.length > 0;
  return {
    spec: {
      ...spec,
      columns: {
        ...others,
        ...(label === undefined || gone.includes(label) ? {} : { label }),
        ...(targetGone ? { target: timeColumns[0]! } : {}),
        attributes: kept(columns.attributes),
        known: kept(columns.known),
        observed: kept(columns.observed),
      },
      ...(seriesGone ? { parts: { ...parts, series: [] } } : {}),
    },
    keepsWhole: !seriesGone && !targetGone,
  };
}

/** The spec without an entry of `source`, where it names one and another is left. */
function withoutSource(spec: DataSpec, file: string | null): DataSpec | null {
  const sources = spec.sources.filter((source) => source !== file);
  return sources.length === 0 || sources.length === spec.sources.length ? null : { ...spec, sources };
}

async function isLarge(spec: DataSpec): Promise<boolean> {
  let bytes = 0;
  for (const file of await sourceFiles(spec)) bytes += (await stat(file)).size;
  return bytes > MOST_BYTES;
}
