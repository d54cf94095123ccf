import { createHash, type Hash } from "node:crypto";
import { periodStart } from "../../calendar/period.js";
import type { Artifact } from "../../kit/artifact.js";
import { canonicalJson } from "../../kit/json.js";
import type { Panel } from "../../panel/panel.js";
import { RECONCILIATION_FILE } from "../reconcile/model.js";
import type { SegmentCodes } from "../segment-codes.js";

const MODEL_FILE = "model.json";

/** Formats of what goes into a model directory beside the model: another format is another directory. */
const DIRECTORY = { descriptor: 2, golden: 1, manifest: 1 } as const;

/**
 * `sha256:` + hex of what a model directory will be made of, known before there is one. Two trainings with one identity made the same model from the same
 * rows, so that they are one version, and what people decided about one holds for the other.
 *
 * It covers `model.json` and `reconciliation.json` byte by byte, the segment of every series, and the rows of the panel (`hashRows`). It does not cover
 * what is only told about a model: CV scores and their prose, the holdout, the accuracy report, names of files, of the model, of the quarter and
 * of the columns for series, time and target, versions of programs.
 */
export function modelIdentity(
  trained: Pick<Artifact, "files">,
  panel: Panel,
  segments: SegmentCodes,
  horizon: number,
): string {
  const fileHash = (name: string) => trained.files.find(({ path }) => path === name)?.sha256 ?? null;
  const content = {
    format: 1,
    directory: DIRECTORY,
    model: fileHash(MODEL_FILE),
    reconciliation: fileHash(RECONCILIATION_FILE),
    segments: { ids: segments.ids, codes: [...segments.codes] },
    rows: hashRows(panel, horizon),
  };
  return `sha256:${createHash("sha256").update(canonicalJson(content)).digest("hex")}`;
}

/**
 * Hash of every number of a panel: the target and the features of the rows up to its last period, and known features of the `horizon` periods after it.
 * Features go by name. A row without any number is as good as none, and −0 is 0.
 */
function hashRows(panel: Panel, horizon: number): string {
  const { calendar, lastPeriod } = panel;
  const attributes = [...panel.attributes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const known = Object.keys(panel.known).sort();
  const observed = Object.keys(panel.observed).sort();
  const columns = [
    panel.target,
    ...known.map((name) => panel.known[name]!),
    ...observed.map((name) => panel.observed[name]!),
  ];
  const ahead = known.map((name) => panel.ahead?.known[name]);
  const aheadPeriods = panel.ahead?.periods ?? 0;

  const hash = createHash("sha256");
  const line = (value: unknown) => hash.update(`${JSON.stringify(value)}\n`);
  line({
    frequency: calendar.frequency,
    last: periodStart(lastPeriod, calendar),
    attributes: attributes.map(({ name }) => name),
    known,
    observed,
  });
  for (const [s, id] of panel.series.entries()) {
    line([id, ...attributes.map(({ levels, codes }) => levels[codes[s]!]!)]);
    const numbers: number[] = [];
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (columns.some((column) => !Number.isNaN(column[row]!)))
        numbers.push(panel.period[row]! - lastPeriod, ...columns.map((column) => column[row]!));
    }
    for (let t = 0; t < Math.min(aheadPeriods, horizon); t++) {
      const cells = ahead.map((values) => values?.[s * aheadPeriods + t] ?? Number.NaN);
      if (cells.some((cell) => !Number.isNaN(cell))) numbers.push(t + 1, ...cells);
    }
    hashNumbers(hash, numbers);
  }
  return hash.digest("hex");
}

/** The only bit pattern for NaN: engines may write others. */
const MISSING = 0x7ff8_0000_0000_0000n;

/** Little-endian on every machine, with one form of zero and of a missing number. The count comes first, so that no two lists run together. */
function hashNumbers(hash: Hash, numbers: readonly number[]): void {
  const bytes = new DataView(new ArrayBuffer(8 * (numbers.length + 1)));
  bytes.setFloat64(0, numbers.length, true);
  numbers.forEach((number, i) => {
    if (Number.isNaN(number)) bytes.setBigUint64(8 * (i + 1), MISSING, true);
    else bytes.setFloat64(8 * (i + 1), number + 0, true);
  });
  hash.update(bytes);
}
