import type { Point } from "../../forecast/tune/space.js";
import { decimal, percent, signedDecimal } from "../../report/format.js";
import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import { wrap } from "../../report/text.js";
import type { TuneDocument } from "./document.js";

/** Trials to show besides the runbook's own. */
const SHOWN = 10;

/** `ensemble=full boosted-trees.leaves=15` */
export const valuesText = (values: Point): string =>
  Object.entries(values)
    .map(([path, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${path.replace(/^learners\./, "")}=${text}`;
    })
    .join(" ");

export function tuneText(document: TuneDocument, commands: readonly string[], style: Style): string {
  const { trials, objective, chosen } = document;
  const shown = trials.filter(({ trial }, place) => place < SHOWN || trial === 0 || trial === chosen);
  const numeric = (label: string) => ({ label, numeric: true });
  const columns = [
    numeric("trial"),
    ...(objective === "relative" ? [numeric("relative")] : []),
    numeric("WMAPE"),
    numeric("MASE"),
    numeric("vs runbook"),
    numeric("± s.e."),
    numeric(`${objective} by fold`),
    { label: "changes", numeric: false },
  ];
  const rows = shown.map((trial) => [
    `${trial.trial === chosen ? "* " : ""}${trial.trial}`,
    ...(objective === "relative" ? [decimal(trial.objective, 4)] : []),
    percent(trial.wmape, 2),
    decimal(trial.mase, 4),
    trial.trial === 0 ? "" : signedDecimal(trial.difference?.mean, 4),
    trial.trial === 0 ? "" : decimal(trial.difference?.standardError, 4),
    spread(trial.folds.map((fold) => fold.objective)),
    trial.trial === 0 ? "the runbook as it is" : changesText(trial),
  ]);
  const { chalk } = style;
  const counted = `${trials.length - 1} trial${trials.length === 2 ? "" : "s"}`;
  const head = `${chalk.bold(`tune ${document.quarter}`)}  ${document.step} · ${counted} beside the runbook's own · rows up to ${document.cutoff}`;
  const rest = trials.length - shown.length;
  const more = rest > 0 ? `\n  … and ${rest} more` : "";
  const why = wrap(`${document.why}.`, style.width - 2).map((line) => `  ${line}`);
  const next = commands.map((command) => `  ${command}`);
  return `${[head, "", `${textTable(columns, rows, style)}${more}`, "", ...why, ...(next.length > 0 ? ["", ...next] : [])].join("\n")}\n`;
}

function changesText({ values, failure, objective }: TuneDocument["trials"][number]): string {
  const text = valuesText(values);
  if (failure !== null) return `${text} (${failure})`;
  return objective === null ? `${text} (other folds: not ranked)` : text;
}

/** Few folds one by one, many by the lowest and the highest. */
function spread(values: readonly (number | null)[]): string {
  if (values.length <= 4) return values.map((value) => decimal(value, 3)).join(" ");
  const numbers = values.filter((value) => value !== null);
  return `${decimal(Math.min(...numbers), 3)} … ${decimal(Math.max(...numbers), 3)}`;
}
