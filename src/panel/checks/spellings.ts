import type { IdFolding } from "../../kit/specs.js";
import { foldingFor, foldingText, joinFoldings, nearGroups, visibleText } from "../id-forms.js";
import type { SourcePanel } from "../source.js";
import { type Check, checkOf, type Finding } from "./check.js";

/** Pairs that the check names; failures.csv has all of them. */
const PAIRS = 3;

/** Ids that agree but for blanks, case, Unicode form, leading zeros or the way of writing a number: they would be two series each. */
export function idSpellings(source: SourcePanel, column: string, folding: IdFolding): Check {
  const groups = source.nearIds;
  const expected = `ids of ${column} that differ in more than blanks, case, Unicode form and the way of writing a number`;
  const findings = groups.flatMap(([usual, ...others]) =>
    others.map(({ id, file, record, period }): Finding => {
      const value = `${visibleText(id, [usual!.id])}, beside ${visibleText(usual!.id, [id])}`;
      return { file, record, series: id, period, column, value };
    }),
  );
  if (groups.length === 0) return checkOf("id-spellings", expected, []);
  const pairs = groups.flatMap(([usual, ...others]) =>
    others.map((other) => `${shown(usual!, other)} and ${shown(other, usual!)}`),
  );
  const advice = adviceFor(
    groups.map((group) => group.map(({ id }) => id)),
    folding,
  );
  return {
    ...checkOf("id-spellings", expected, findings, { detail: `${listed(pairs)}; ${advice}` }),
    examples: pairs.slice(0, PAIRS),
    advice,
  };
}

const shown = (one: { readonly id: string; readonly rows: number }, other: { readonly id: string }): string =>
  `"${visibleText(one.id, [other.id])}" (${one.rows} ${one.rows === 1 ? "row" : "rows"})`;

function adviceFor(groups: readonly (readonly string[])[], folding: IdFolding): string {
  const needed = joinFoldings(groups.flatMap((group) => foldingFor(group, folding) ?? []));
  const kept = Object.keys(needed)
    .filter((key) => folding[key as keyof IdFolding] === undefined)
    .map((key) => `${key}: ${key === "trim" ? "false" : "keep"}`);
  const both = foldingText({ ...folding, ...needed });
  return `\`ids: ${both}\` under \`data:\` in the runbook takes them as one; \`${kept.join("`, `")}\` there says that they are different on purpose`;
}

/** Labels of an attribute that nearly agree make two groups of what is one. */
export function labelSpellings(source: SourcePanel): Check {
  const { panel } = source;
  const pairs: string[] = [];
  const findings = panel.attributes.flatMap(({ name, levels, codes }) => {
    const sizes = new Int32Array(levels.length);
    for (const code of codes) sizes[code]!++;
    const size = (level: string) => sizes[levels.indexOf(level)]!;
    return nearGroups(levels.filter((level) => level !== "")).flatMap((group) => {
      const [usual, ...others] = group.sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1));
      return others.flatMap((other) => {
        pairs.push(
          `${name} "${visibleText(usual!, [other])}" (${size(usual!)} series) and "${visibleText(other, [usual!])}" (${size(other)})`,
        );
        const code = levels.indexOf(other);
        return panel.series.flatMap((series, s): Finding[] => {
          const row = panel.offsets[s]!;
          if (codes[s] !== code || row === panel.offsets[s + 1]) return [];
          const value = `${visibleText(other, [usual!])}, beside ${visibleText(usual!, [other])}`;
          const [file, record] = [source.file[row]!, source.record[row]!];
          return [{ file, record, series, period: panel.period[row]!, column: name, value }];
        });
      });
    });
  });
  return checkOf(
    "label-spellings",
    "labels of an attribute that differ in more than blanks, case, Unicode form and the way of writing a number",
    findings,
    { broken: "warn", count: pairs.length, detail: listed(pairs) },
  );
}

const listed = (pairs: readonly string[]): string =>
  `${pairs.slice(0, PAIRS).join("; ")}${pairs.length > PAIRS ? `; and ${pairs.length - PAIRS} more` : ""}`;
