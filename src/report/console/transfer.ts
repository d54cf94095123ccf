import type { TransferAction, TransferReport, TransferredAlias } from "../../kit/transfer.js";
import { compact, plural } from "../format.js";
import type { Style } from "../style.js";
import { textTable } from "../table.js";

/** What a push or pull did, as tables: runs and versions of which something was copied, what was there already, aliases. */
export function transferText(report: TransferReport, style: Style): string {
  const { model, from, to, dryRun, runs, versions, aliases } = report;
  const heading = (text: string) => style.chalk.bold(text);
  const parts = [`${heading(model)}  ${from} → ${to}`];
  const newRuns = runs.filter(({ action }) => action !== "there");
  const newVersions = versions.filter(({ action }) => action !== "there");
  if (newRuns.length > 0) {
    const rows = newRuns.map((run) => [
      run.quarter,
      run.name,
      run.closed ? "closed" : "open",
      actionWord(run.action, dryRun),
      String(run.files),
      size(run.bytes),
    ]);
    parts.push(
      `${heading("Runs")}\n${table(["quarter", "run", "state", "what", "#files", "#size"], rows, style)}`,
    );
  }
  if (newVersions.length > 0) {
    const rows = newVersions.map((version) => [
      version.from,
      version.to ?? "",
      version.status,
      actionWord(version.action, dryRun),
      String(version.files),
      size(version.bytes),
    ]);
    const labels = ["source", "target", "status", "what", "#files", "#size"];
    parts.push(`${heading("Versions")}\n${table(labels, rows, style)}`);
  }
  if (aliases.length > 0) {
    const rows = aliases.map((alias) => [
      alias.alias,
      standing(alias.source),
      standing(alias.target),
      aliasWord(alias, dryRun),
    ]);
    parts.push(`${heading("Aliases")}\n${table(["alias", "source", "target", "what"], rows, style)}`);
  }
  return `${parts.join("\n\n")}\n\n${summary(report)}\n`;
}

function summary(report: TransferReport): string {
  const { runs, versions, aliases, dryRun, bytes } = report;
  const work = (items: readonly { readonly action: TransferAction }[]) =>
    items.filter(({ action }) => action === "copied" || action === "completed").length;
  const moves = aliases.reduce((sum, { appended }) => sum + appended, 0);
  const there = `${plural(runs.length - work(runs), "run")} and ${plural(versions.length - work(versions), "version")}`;
  if (work(runs) + work(versions) + moves === 0) return `Nothing to copy: ${there} are there already.`;
  const done = `${plural(work(runs), "run")}, ${plural(work(versions), "version")} and ${plural(moves, "alias move")}, ${size(bytes)}`;
  return `${dryRun ? "Would copy" : "Copied"} ${done}. Left as they are: ${there}.`;
}

function actionWord(action: TransferAction, dryRun: boolean): string {
  switch (action) {
    case "copied":
      return dryRun ? "would be copied" : "copied";
    case "completed":
      return dryRun ? "would be completed" : "completed";
    case "there":
      return "there already";
    case "unfinished":
      return "left: the source has only half of it";
  }
}

function aliasWord({ outcome, cause, appended }: TransferredAlias, dryRun: boolean): string {
  switch (outcome) {
    case "there":
      return "the same";
    case "ahead":
      return "the target is ahead";
    case "moved":
      return `${dryRun ? "would take" : "took"} ${plural(appended, "move")}`;
    case "diverged":
      return cause === "histories" ? "not moved: diverged" : `not moved: ${cause}`;
  }
}

const standing = ({ version, moves }: TransferredAlias["source"]): string =>
  `${version === null ? "none" : `version ${version}`}, ${plural(moves, "move")}`;

/** A label that starts with `#` is a column of numbers. */
const table = (labels: readonly string[], rows: readonly (readonly string[])[], style: Style): string =>
  textTable(
    labels.map((label) => ({ label: label.replace(/^#/, ""), numeric: label.startsWith("#") })),
    rows,
    style,
  );

/** 4560000 → `4.56 MB` */
const size = (bytes: number): string => compact(bytes).replace(/[kMGTP]?$/, " $&B");
