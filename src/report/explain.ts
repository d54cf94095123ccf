import {
  type FileDifference,
  type InputDifference,
  NEVER_RAN,
  type PanelDifference,
  type StepExplanation,
} from "../kit/explanation.js";
import type { Json } from "../kit/json.js";
import { count, list, plural, shortHash } from "./format.js";
import type { Style } from "./style.js";
import { oneLine, wrap } from "./text.js";

/** How many fields of a JSON file, and how many columns, are shown one by one. */
const MAX_FIELDS = 12;

/** `retrain explain`: what a run would do with a step, and why. */
export function explanationText(explanation: StepExplanation, command: string, style: Style): string {
  const { chalk } = style;
  const { step, type, quarter, dryRun, action } = explanation;
  const verb = { run: "would run", reuse: "would be reused", skip: "would be skipped" }[action];
  const about = `${type} · quarter ${quarter}${dryRun ? " · dry run" : ""}`;
  const blocks = [
    `${chalk.bold(`${oneLine(step)} ${verb}`)}  ${chalk.dim(about)}\n${lines(why(explanation), style)}`,
    changesBlock(explanation, style),
    upstreamBlock(explanation, style),
    ...explanation.inputs.map((input) => inputBlock(input, style)),
    `  ${chalk.dim("next")}  ${command}`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function why(explanation: StepExplanation): string {
  const { cause, reason, last, madeBy, changes, upstream } = explanation;
  switch (cause) {
    case "unchanged":
      return madeBy === null
        ? "Nothing that it depends on has changed since its outputs were made."
        : `Nothing that it depends on has changed since run ${madeBy.run} made its outputs (${time(madeBy.at)}).`;
    case "first":
      return `It ${reason}.`;
    case "stale":
      return last === null ? `It is ${reason}.` : "It is stale: what it depends on is not what it was.";
    case "record-gone":
      return "Nothing that it depends on has changed, but the record of what it made is gone.";
    case "damaged":
      return `Nothing that it depends on has changed, but ${reason}: it is made again.`;
    case "effect-gone":
      return `Nothing that it depends on has changed, but its effect no longer holds: ${reason}.`;
    case "fresh":
    case "from":
      return `It was asked for with ${reason}.`;
    case "until":
      return `It comes ${reason}.`;
    case "upstream": {
      const roots = upstream.filter(({ after }) => after.length === 0).map((one) => one.step);
      const [wait, same] = [`waits for ${list(roots)}`, roots.length === 1 ? "that leaves" : "they leave"];
      if (last === null) return `It ${NEVER_RAN}, and ${wait}.`;
      if (changes.length > 0) return `It is stale already, and ${wait}.`;
      return `It ${wait}. Where ${same} the same outputs as before, it is reused.`;
    }
  }
}

function changesBlock({ changes, last, cause }: StepExplanation, style: Style): string {
  if (changes.length === 0 || last === null) return "";
  const since = `Since ${last.run}${cause === "unchanged" ? ", which ran last" : ""}`;
  return [style.chalk.bold(since), ...changes.map(({ text }) => bullet(text, style))].join("\n");
}

function upstreamBlock({ upstream }: StepExplanation, style: Style): string {
  if (upstream.length === 0) return "";
  const rows = upstream.map(({ step, reason }) => bullet(`${step}: ${reason}`, style));
  return [style.chalk.bold("Upstream"), ...rows].join("\n");
}

function inputBlock({ port, kind, files, lost }: InputDifference, style: Style): string {
  const name = port === kind ? port : `${port} (${kind})`;
  const rows = files.flatMap((file) =>
    fileLines(file).map((line, i) => (i === 0 ? bullet(line, style) : detail(line))),
  );
  const note = lost
    ? [bullet("one side is no longer in the object store, so not all of it can be compared", style)]
    : [];
  return [style.chalk.bold(`Input ${name}`), ...rows, ...note].join("\n");
}

function fileLines(file: FileDifference): string[] {
  switch (file.compared) {
    case "panel":
      return panelLines(file.path, file.panel);
    case "fields": {
      const shown = file.fields
        .slice(0, MAX_FIELDS)
        .map(({ field, before, after }) => fieldLine(field, before, after));
      const more = file.fields.length - shown.length;
      return [
        `${file.path}: ${plural(file.fields.length, "field")} ${file.fields.length === 1 ? "differs" : "differ"}`,
        ...shown,
        ...(more > 0 ? [`and ${more} more`] : []),
      ];
    }
    case "bytes":
      return [`${file.path}: ${state(file.before)} → ${state(file.after)}`];
  }
}

/**
 * `304 rows differ`: added, removed and changed ones.
 * @param which behind the rows, e.g. ` after the cutoff`
 */
export const rowsDiffer = ({ added, removed, changed }: PanelDifference, which = ""): string => {
  const rows = added + removed + changed;
  return `${plural(rows, "row")}${which} ${rows === 1 ? "differs" : "differ"}`;
};

function panelLines(path: string, panel: PanelDifference): string[] {
  const { added, removed, changed, rows, periods, columns, cells, examples } = panel;
  const span = periods === null ? "" : `, ${spanOf(periods)}`;
  const named = (names: readonly string[]) => names.map(oneLine).join(", ");
  return [
    `${path}: ${rowsDiffer(panel)} (${count(added)} added, ${count(removed)} removed, ${count(changed)} changed)${span}`,
    ...(rows.before === rows.after ? [] : [`rows ${count(rows.before)} → ${count(rows.after)}`]),
    ...(columns.added.length === 0 ? [] : [`new columns: ${named(columns.added)}`]),
    ...(columns.removed.length === 0 ? [] : [`columns gone: ${named(columns.removed)}`]),
    ...cells.slice(0, MAX_FIELDS).map((cell) => `${oneLine(cell.column)} in ${plural(cell.rows, "row")}`),
    ...examples.map(({ series, period, change, values }) => {
      const shown = values.map(({ column, before, after }) =>
        change === "changed"
          ? `${oneLine(column)} ${scalar(before)} → ${scalar(after)}`
          : `${oneLine(column)} ${scalar(change === "added" ? after : before)}`,
      );
      return `e.g. ${oneLine(series)} ${period}${change === "changed" ? "" : ` ${change}`}: ${shown.join(", ")}`;
    }),
  ];
}

const spanOf = ({ first, last }: { first: string; last: string }): string =>
  first === last ? `period ${first}` : `periods ${first} to ${last}`;

function fieldLine(field: string, before: Json | undefined, after: Json | undefined): string {
  const name = oneLine(field);
  const isScalar = (value: Json | undefined) =>
    value === undefined || value === null || typeof value !== "object";
  if (isScalar(before) && isScalar(after)) return `${name} ${scalar(before)} → ${scalar(after)}`;
  if (Array.isArray(before) && Array.isArray(after) && before.length !== after.length)
    return `${name}: ${plural(before.length, "entry", "entries")} → ${count(after.length)}`;
  return `${name} changed`;
}

/** As it is stored, every digit of it: a rounded figure could look the same on both sides. */
function scalar(value: Json | undefined): string {
  if (value === undefined || value === null) return "none";
  const text = oneLine(typeof value === "string" ? value : JSON.stringify(value));
  const shown = /^(sha256:)?[0-9a-f]{64}$/.test(text) ? shortHash(text) : text;
  return shown.length > 48 ? `${shown.slice(0, 47)}…` : shown;
}

const state = (file: FileDifference["before"]): string =>
  file === null ? "no file" : `${plural(file.bytes, "byte")}, sha256 ${shortHash(file.sha256)}`;

const time = (iso: string): string => iso.slice(0, 16).replace("T", " ");

const lines = (text: string, { width }: Style): string =>
  wrap(oneLine(text), width - 2)
    .map((line) => `  ${line}`)
    .join("\n");

const bullet = (text: string, { width }: Style): string =>
  wrap(oneLine(text), width - 4)
    .map((line, i) => (i === 0 ? `  · ${line}` : `    ${line}`))
    .join("\n");

const detail = (text: string): string => `      ${text}`;
