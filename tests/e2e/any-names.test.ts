import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { retrain, retrainJson } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

/** What an object has from its prototype, beside a name of the same length at the same place in the order, which none has. */
const PAIRS = [
  ["__proto__", "__prata__"],
  ["constructor", "constructar"],
  ["toString", "toStrang"],
  ["hasOwnProperty", "hasOwnPraperty"],
] as const;

/** Columns that get the names, one place further each time: each name comes into each role. */
const COLUMNS = ["region", "tier", "holidays", "price_index"] as const;

/** The fixtures with the names for columns, ids and labels, and a runbook that names them in every option that takes a column. */
function project(names: readonly string[]): string {
  const cwd = simpleProject();
  const [region, tier, holidays, price] = names as [string, string, string, string];
  const [header, ...rows] = readFileSync(join(cwd, "fixtures", "demand.csv"), "utf8")
    .trimEnd()
    .split("\n");
  const columns = COLUMNS.reduce((text, column, i) => text.replace(column, names[i]!), header!);
  const ids = new Map(["H001", "H002", "H003", "H004"].map((id, i) => [id, names[i]!]));
  const labels = new Map<string, string>();
  const panel = rows.map((row) => {
    const [id, month, label, ...rest] = row.split(",") as [string, string, string, ...string[]];
    if (!labels.has(label)) labels.set(label, names[labels.size % names.length]!);
    return [ids.get(id) ?? id, month, labels.get(label)!, ...rest].join(",");
  });
  writeFileSync(join(cwd, "panel.csv"), `${[columns, ...panel].join("\n")}\n`);
  const path = join(cwd, "runbook.yaml");
  const changed = [
    ["fixtures/demand.csv", "panel.csv"],
    ["attributes: [region, tier]", `attributes: [${region}, ${tier}]`],
    ["known: [holidays]", `known: [${holidays}]`],
    ["observed: [price_index]", `observed: [${price}]`],
    [
      "        holidays: { min: 0 }\n        price_index: { min: 0 }\n",
      `        ${holidays}: { min: 0 }
        ${price}: { min: 0 }
      nulls: { ${holidays}: 0.5, ${price}: 0.4 }
      values: { ${region}: [${names.join(", ")}], ${tier}: [budget, premium, standard] }
`,
    ],
    ["drift: { features: [price_index]", `drift: { features: [${price}, ${holidays}]`],
    ["with: { by: [region, tier] }", `with: { by: [${region}] }`],
    ["folds: 3,", `folds: 3, reconcile: { method: bottom-up, by: [${region}] },`],
    ["ks: { features: [price_index],", `ks: { features: [${price}, ${holidays}],`],
    [
      "        # Series with rows last",
      `        - { id: psi, psi: { features: [${price}, ${holidays}], max: 9 } }
        - { id: missing, missing: { features: [${price}], maxIncrease: 0.5 } }
        - { id: by-segment, metric: accuracy.wmape, by: segment, max: 0.01 }
        # Series with rows last`,
    ],
  ] as const;
  const runbook = changed.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`not in the runbook: ${from}`);
      return text.replace(from, to);
    },
    readFileSync(path, "utf8"),
  );
  writeFileSync(path, runbook);
  return cwd;
}

/** Text files of a run, and what commands say of it, without what differs from run to run: hashes, times, sizes. */
async function allThatIsSaid(cwd: string, run: string): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  const folder = join(cwd, ".retrain", "runs", run);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.(json|jsonl|csv|md|html|xml)$/.test(path))
      said.set(relative(folder, path), readFileSync(path, "utf8"));
  }
  for (const command of [["explain", "2025Q2", "validate", "--set", "validate.nulls={}"]])
    said.set(command.join(" "), (await retrain(command, { cwd })).stdout);
  return new Map(
    [...said].map(([name, text]) => [
      name,
      text
        .replaceAll(cwd, "CWD")
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "TIME")
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "TIME")
        .replaceAll(/"(seconds|bytes|pid|started|waitSeconds)": ?[\d.]+/g, '"$1":0')
        .replaceAll(/\b[0-9a-f]{12,64}\b/g, "HASH")
        .replaceAll(/time="[\d.]+"/g, 'time="0"')
        .replaceAll(/[\d.]+ (s|ms|[kM]?B)\b/g, "0 $1"),
    ]),
  );
}

test.each([0, 2])(
  "what is called %i places from __proto__ is told, kept and compared as any other column, id and label",
  async (shift) => {
    const rotated = [...PAIRS.slice(shift), ...PAIRS.slice(0, shift)];
    const [special, plain] = await Promise.all(
      [0, 1].map(async (side) => {
        const cwd = project(rotated.map((pair) => pair[side]!));
        const first = await retrain(["quarter", "2025Q1"], { cwd });
        expect(first.exitCode, first.stderr).toBe(3);
        const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd });
        expect(exitCode, stderr).toBe(3);
        return allThatIsSaid(cwd, document.run);
      }),
    );
    expect([...special!.keys()]).toEqual([...plain!.keys()]);
    for (const [name, text] of plain!) {
      const expected = PAIRS.reduce((all, [to, from]) => all.replaceAll(from, to), text);
      expect(special!.get(name), name).toBe(expected.replaceAll("\\_\\_prata\\_\\_", "\\_\\_proto\\_\\_"));
    }
    expect(special!.get("steps/validate/validation/validation.json")).toMatch(/"(nulls|values)\.__proto__"/);
    expect(special!.get("steps/segments/segments/segments.json")).toContain('"__proto__": "');
  },
);
