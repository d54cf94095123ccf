import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTable } from "../../src/panel/table.js";
import { retrain, retrainJson } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

/** Ids and labels that a guess would turn into a number, a day, a truth value or nothing. */
const IDS = [
  "1",
  "007",
  "1e5",
  "12345678901234567890",
  "true",
  "NaN",
  "null",
  "Infinity",
  "2024-01-01",
  "-3",
];
const LABELS = ["2024-01-01", "1e3", "true", "NaN", "09"];

test("ids, attributes and segments that look like numbers go through every step, page and quarter", async () => {
  const cwd = simpleProject();
  const [header, ...rows] = readFileSync(join(cwd, "fixtures", "demand.csv"), "utf8")
    .trimEnd()
    .split("\n");
  const columns = header!.split(",");
  const region = columns.indexOf("region");
  const seen = [...new Set(rows.map((row) => row.split(",")[0]!))];
  const labels = new Map<string, string>();
  const panel = rows.flatMap((row) => {
    const cells = row.split(",");
    const place = seen.indexOf(cells[0]!);
    if (place >= 3 * IDS.length) return [];
    // Three series an id, or there are too few to learn from.
    cells[0] = `${IDS[place % IDS.length]}${["", "0", "00"][Math.floor(place / IDS.length)]}`;
    if (!labels.has(cells[region]!)) labels.set(cells[region]!, LABELS[labels.size % LABELS.length]!);
    cells[region] = labels.get(cells[region]!)!;
    return [cells.join(",")];
  });
  writeFileSync(join(cwd, "panel.csv"), `${[header, ...panel].join("\n")}\n`);
  const set = ["--set", "data.source=panel.csv", "--set", "data.ids.form=keep"];

  for (const quarter of ["2025Q1", "2025Q2"]) {
    const { exitCode, document, stderr } = await retrainJson(["quarter", quarter, ...set], { cwd });
    expect([0, 3], stderr).toContain(exitCode);
    expect(stderr).not.toContain("This is a bug");
    const steps = join(cwd, ".retrain", "runs", document.run, "steps");
    const [series] = await readTable(join(steps, "outlook", "outlook", "outlook.parquet"), [
      { name: "series", type: "VARCHAR" },
    ]);
    for (const id of IDS) expect(series!.values).toContain(id);
    expect(readFileSync(join(steps, "outlook", "outlook", "outlook.csv"), "utf8")).toContain("\n007,");
  }
  const dry = await retrain(["quarter", "2025Q2", "--dry-run", "--fresh", ...set], { cwd });
  expect([0, 3], dry.stderr).toContain(dry.exitCode);
  const again = await retrain(["quarter", "2025Q2", ...set], { cwd });
  expect(again.stderr).not.toContain("This is a bug");
}, 120_000);
