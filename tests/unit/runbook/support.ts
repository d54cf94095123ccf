import type { Diagnostic } from "../../../src/kit/diagnostic.js";
import { parseRunbook } from "../../../src/runbook/parse.js";
import type { Runbook } from "../../../src/runbook/runbook.js";
import { stepTypes } from "../../../steps/index.js";

export const FILE = "some/runbook.yaml";

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly set?: readonly string[];
}

export const parse = (text: string, { env = {}, set = [] }: Given = {}) =>
  parseRunbook(text, FILE, { stepTypes, env, overrides: set });

export function diagnosticsOf(text: string, given?: Given): readonly Diagnostic[] {
  const result = parse(text, given);
  return result.ok ? [] : result.diagnostics;
}

export function runbookOf(text: string, given?: Given): Runbook {
  const result = parse(text, given);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.runbook;
}

/** What the span marks, e.g. `horizon` in line 7. */
export const marked = ({ span }: Diagnostic): string | null =>
  span === null ? null : span.excerpt.slice(span.column - 1, span.column - 1 + span.length);

export const SMALL = `version: 1
name: demand
data:
  source: [a.csv, b.csv]
  frequency: month
  columns:
    series: id
    time: month
    target: sales
    attributes: [region]
model: { name: demand, horizon: 6 }
steps:
  - id: validate
    uses: validate-data
    with:
      ranges: { sales: { min: 0 } }
  - { id: train, uses: train-pooled-cv, with: { folds: 3 } }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: candidate, metric: train.cv.wmape, max: 0.15 }
`;

export const change = (from: string, to: string): string => {
  if (!SMALL.includes(from)) throw new Error(`not in the runbook: ${from}`);
  return SMALL.replace(from, to);
};
