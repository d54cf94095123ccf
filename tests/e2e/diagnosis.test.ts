import { cpSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Escalation } from "../../src/report/escalation/escalation.js";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { fixtureProject } from "../support/project.js";
import { chosen } from "../support/thorough.js";

/** One line of fixtures/demand.csv. */
interface Row {
  id: string;
  month: string;
  region: string;
  tier: string;
  nights: number;
  holidays: string;
  price: string;
}

const HEADER = "property_id,month,region,tier,room_nights,holidays,price_index";

function readRows(): Row[] {
  const [header, ...lines] = readFileSync(join(REPOSITORY, "fixtures", "demand.csv"), "utf8")
    .trimEnd()
    .split("\n");
  if (header !== HEADER) throw new Error(`fixtures/demand.csv has other columns: ${header}`);
  return lines.map((line) => {
    const [id, month, region, tier, nights, holidays, price] = line.split(",") as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    return { id, month, region, tier, nights: Number(nights), holidays, price };
  });
}

const writeRows = (path: string, rows: readonly Row[]): void =>
  writeFileSync(
    path,
    `${[HEADER, ...rows.map((row) => [row.id, row.month, row.region, row.tier, row.nights, row.holidays, row.price].join(","))].join("\n")}\n`,
  );

const inQuarter = ({ month }: Row): boolean => month >= "2025-04" && month <= "2025-06";

/** `2025-04` and −1 → `2025-03` */
function monthPlus(month: string, by: number): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by;
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** Values of the quarter from another month of the same series. */
function takenFrom(rows: readonly Row[], monthOf: (month: string) => string): Row[] {
  const nights = new Map(rows.map((row) => [`${row.id} ${row.month}`, row.nights]));
  return rows.map((row) =>
    inQuarter(row) ? { ...row, nights: nights.get(`${row.id} ${monthOf(row.month)}`) ?? row.nights } : row,
  );
}

const changed = (rows: readonly Row[], change: (row: Row) => Row): Row[] =>
  rows.map((row) => (inQuarter(row) ? change(row) : row));

/** What an upstream does to the quarter's rows, and what the page has to say first. */
const FAULTS: readonly {
  readonly name: string;
  readonly cause: string;
  readonly title: RegExp;
  readonly inject: (rows: readonly Row[]) => readonly Row[];
}[] = [
  {
    name: "a unit that changes by 1000",
    cause: "unit-change",
    title: /^Unit changed: values of all series are ×1,000$/,
    inject: (rows) => changed(rows, (row) => ({ ...row, nights: row.nights * 1000 })),
  },
  {
    name: "a region that is missing",
    cause: "region-missing",
    title: /^Missing in the data: region coast$/,
    inject: (rows) => rows.filter((row) => !inQuarter(row) || row.region !== "coast"),
  },
  {
    name: "a level that shifts",
    cause: "level-shift",
    title: /^Level shift: values of all series are ×1\.[45]/,
    inject: (rows) => changed(rows, (row) => ({ ...row, nights: Math.round(row.nights * 1.45) })),
  },
  {
    name: "a season that comes a month late",
    cause: "season-shifted",
    title: /^Season shifted: values come 1 month late$/,
    inject: (rows) => takenFrom(rows, (month) => monthPlus(month, -1)),
  },
  {
    name: "data that are stale",
    cause: "stale-data",
    title: /^Stale data: 2025-04 to 2025-06 repeats 2025-01 to 2025-03$/,
    inject: (rows) => takenFrom(rows, (month) => monthPlus(month, -3)),
  },
  {
    name: "a file that was added up twice",
    cause: "duplicated-rows",
    title: /^Rows were counted twice: values of region north are ×2$/,
    inject: (rows) =>
      changed(rows, (row) => (row.region === "north" ? { ...row, nights: row.nights * 2 } : row)),
  },
  {
    name: "features that changed places",
    cause: "features-permuted",
    title: /^Feature columns changed places: holidays and price_index$/,
    inject: (rows) => changed(rows, (row) => ({ ...row, holidays: row.price, price: row.holidays })),
  },
];

let project: string;

beforeAll(async () => {
  project = fixtureProject(afterAll);
  unlinkSync(join(project, "fixtures"));
  cpSync(join(REPOSITORY, "fixtures"), join(project, "fixtures"), { recursive: true });
  const clean = await retrainJson(["quarter", "2025Q1"], { cwd: project });
  expect(clean.document.verdict).toBe("promoted");
}, 180_000);

/** The project after a clean 2025Q1, with other data for 2025Q2. */
function faultyProject(rows: readonly Row[]): string {
  const cwd = tempFolder();
  cpSync(project, cwd, { recursive: true });
  writeRows(join(cwd, "fixtures", "demand.csv"), rows);
  return cwd;
}

const readEscalation = (cwd: string, run: string): Escalation =>
  Escalation.parse(
    JSON.parse(readFileSync(join(cwd, ".retrain", "runs", run, "escalation", "escalation.json"), "utf8")),
  );

describe("on the reference runbook, faults of the data escalate with their cause ranked first", () => {
  const TYPICAL = ["unit-change", "region-missing", "season-shifted"];
  test.each(chosen(FAULTS, ({ cause }) => TYPICAL.includes(cause)))(
    "$name",
    async ({ cause, title, inject }) => {
      const cwd = faultyProject(inject(readRows()));
      const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd });
      expect(exitCode, stderr).toBe(3);
      expect(document).toMatchObject({ verdict: "escalated", champion: { before: "1", after: "1" } });
      const [first] = readEscalation(cwd, document.run).diagnosis;
      expect(first).toMatchObject({ cause, title: expect.stringMatching(title) });
      expect(first!.score).toBeGreaterThan(0.6);
      const { stdout } = await retrain(["escalation", document.run], { cwd });
      expect(stdout).toMatch(new RegExp(`1\\. ${first!.title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
    },
  );

  test("a file that was loaded twice stops the run at its validation, which says so", async () => {
    const rows = readRows();
    const cwd = faultyProject(rows);
    mkdirSync(join(cwd, "twice"));
    for (const name of ["a.csv", "b.csv"]) writeRows(join(cwd, "twice", name), rows);
    const { exitCode, document, stderr } = await retrainJson(
      ["quarter", "2025Q2", "--set", "data.source=twice/*.csv"],
      { cwd },
    );
    expect(exitCode).toBe(1);
    expect(document.verdict).toBe("failed");
    expect(document.diagnosis![0]).toMatchObject({
      cause: "duplicated-rows",
      title: "Rows stand twice in the data",
    });
    expect(stderr).toContain("Rows stand twice in the data");
  });

  test.each([
    { fault: FAULTS[0]!, range: "validate.ranges.room_nights={ max: 20000 }" },
    { fault: FAULTS[0]!, range: "validate.ranges.holidays={ max: 0 }" },
    { fault: FAULTS[6]!, range: "validate.ranges.holidays={ max: 10 }" },
  ])("$fault.name that breaks $range stops the run, with the same cause first", async ({ fault, range }) => {
    const cwd = faultyProject(fault.inject(readRows()));
    const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2", "--set", range], { cwd });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ verdict: "failed", champion: { before: "1", after: "1" } });
    expect(document.diagnosis![0]).toMatchObject({ cause: fault.cause });
    expect(document.diagnosis![0]!.title).toMatch(fault.title);
    expect(stderr).toContain(document.diagnosis![0]!.title);
  });

  test("a quarter without its last month stops the run at its validation, which says so", async () => {
    const cwd = faultyProject(readRows().filter(({ month }) => month !== "2025-06"));
    const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(exitCode).toBe(1);
    expect(document.diagnosis![0]).toMatchObject({
      cause: "stale-data",
      title: "Stale data: nothing for 2025-06",
    });
    expect(stderr).toContain("Stale data: nothing for 2025-06");
  });

  test("a healthy quarter that a tight limit refuses has no cause with strong or fair evidence", async () => {
    const cwd = faultyProject(readRows());
    const { document } = await retrainJson(["quarter", "2025Q2", "--set", "gate.rules.0.max=0.0001"], {
      cwd,
    });
    const { diagnosis } = readEscalation(cwd, document.run);
    expect(diagnosis.filter(({ score }) => score >= 0.4)).toEqual([]);
  });
});

test("the rows to look at first are printed as CSV", async () => {
  const rows = readRows().map((row) =>
    row.id === "H007" && inQuarter(row) ? { ...row, nights: row.nights * 90 } : row,
  );
  const cwd = faultyProject(rows);
  const { document } = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(document.files.escalationPage).toMatch(/escalation\/escalation\.html$/);
  const { stdout } = await retrain(["escalation", document.run, "--rows"], { cwd });
  const [header, ...lines] = stdout.trimEnd().split("\n");
  expect(header).toBe("series,region,tier,period,actual,year_ago,expected");
  expect(lines.slice(0, 3).map((line) => line.split(",").slice(0, 5))).toEqual(
    rows
      .filter((row) => row.id === "H007" && inQuarter(row))
      .map(({ id, region, tier, month, nights }) => [id, region, tier, month, String(nights)]),
  );
});
