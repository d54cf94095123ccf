import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openRunbook } from "../../../../src/cli/open-runbook.js";
import { makeRequest, setUpEngine } from "../../../../src/cli/setup.js";
import { runQuarter } from "../../../../src/engine/run.js";
import { stateFolder } from "../../../../src/engine/state-folder.js";
import type { Diagnostic } from "../../../../src/kit/diagnostic.js";
import { type Foresight, lookAhead } from "../../../../src/operations/foresee/foresee.js";
import { tempFolder } from "../../durable/temp-folder.js";

/** A folder with a runbook and the files that it names. */
export async function project(
  runbook: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await tempFolder();
  for (const [name, content] of Object.entries({ ...files, "runbook.yaml": runbook })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** What `check` finds, or `plan` of the quarter that ends then. */
export async function lookAt(
  folder: string,
  cutoff: string | null = null,
): Promise<{ readonly errors: readonly Diagnostic[]; readonly warnings: readonly Foresight[] }> {
  return lookAhead(await openRunbook(join(folder, "runbook.yaml"), []), cutoff);
}

/** `12:5 columns`: where it points, and what is marked there. */
export const pointed = ({ span, path }: Diagnostic): string =>
  span === null
    ? path
    : `${span.line}:${span.column} ${span.excerpt.slice(span.column - 1, span.column - 1 + span.length)}`;

/** How a quarter of the project ends: codes of the failures of its steps. */
export async function failuresOf(folder: string, quarter = "2024Q4", until?: string): Promise<string[]> {
  const opened = await openRunbook(join(folder, "runbook.yaml"), []);
  if (!opened.ok) return opened.diagnostics.map(({ code }) => code);
  const failures: string[] = [];
  const engine = await setUpEngine(stateFolder(join(folder, ".retrain")), opened.runbook, () => undefined);
  // The module of the worker threads is built, not here.
  const request = makeRequest(quarter, opened, { set: [], ...(until === undefined ? {} : { until }) });
  await runQuarter({ ...engine, workers: 1 }, request, new AbortController().signal, async (result) => {
    failures.push(...result.steps.flatMap(({ failure }) => (failure === null ? [] : [failure.code])));
    return { verdict: "failed", exitCode: 1 };
  });
  return failures;
}

export interface PanelOptions {
  readonly series?: number;
  readonly months?: number;
  /** Text of a cell. */
  readonly cell?: (column: string, series: number, month: number, usual: string) => string;
  readonly extra?: readonly string[];
}

/** CSV of a small monthly panel from January 2021: id, month, sales, region, price, promo. */
export function panelText({
  series = 4,
  months = 48,
  cell = (_column, _series, _month, usual) => usual,
  extra = [],
}: PanelOptions = {}): string {
  const columns = ["id", "month", "sales", "region", "price", "promo"];
  const rows = Array.from({ length: series }, (_, s) =>
    Array.from({ length: months }, (_, t) => {
      const month = `${2021 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
      const sales = (100 + 20 * s + 15 * Math.sin((t * Math.PI) / 6) + ((t * 7 + s * 3) % 5)).toFixed(1);
      const usual = [
        `s${s}`,
        month,
        sales,
        s % 2 === 0 ? "north" : "south",
        String(90 + (t % 9)),
        String(t % 2),
      ];
      return columns.map((column, c) => cell(column, s, t, usual[c]!)).join(",");
    }),
  );
  return `${[columns.join(","), ...rows.flat(), ...extra].join("\n")}\n`;
}

/** All steps, with a training that takes a moment. */
export const RUNBOOK = `version: 1
name: small
data:
  source: panel.csv
  frequency: month
  columns: { series: id, time: month, target: sales, attributes: [region], known: [], observed: [price] }
model: { name: small, horizon: 3 }
steps:
  - { id: validate, uses: validate-data, with: { ranges: { sales: { min: 0 } } } }
  - { id: accuracy, uses: accuracy-report, with: {} }
  - { id: segments, uses: refresh-segments, with: { by: [region] } }
  - { id: train, uses: train-pooled-cv, with: { folds: 2, ensemble: single, learners: [pooled-ridge], levels: [0.5] } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.5] } }
  - { id: checkpoints, uses: compare-checkpoints }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: candidate, metric: train.cv.wmape, max: 1000 }
  - { id: promote, uses: promote }
`;

/** The runbook with other text at a place. */
export function changed(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`not in the runbook: ${from}`);
    return text.replace(from, to);
  }, RUNBOOK);
}
