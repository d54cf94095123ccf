import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BacktestDocument } from "../../src/kit/backtest.js";
import { type CliOptions, type CliResult, retrain } from "../support/cli.js";
import { fixtureProject, hashTree } from "../support/project.js";

/** A server that nobody answers for: a replay must not ask it. */
const NO_REGISTRY = { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" };

/** The fixtures with learners whose forecasts are plain arithmetic. */
function project(change: (runbook: string) => string = (text) => text): string {
  const folder = fixtureProject();
  const path = join(folder, "runbook.yaml");
  const simple = "{ folds: 2, ensemble: single, learners: [season-average, pooled-ridge], levels: [0.8] }";
  const text = readFileSync(path, "utf8").replace("{ folds: 3 }", simple).replace("[0.8, 0.95]", "[0.8]");
  writeFileSync(path, change(text));
  return folder;
}

const backtest = (cwd: string, args: readonly string[], more: Partial<CliOptions> = {}): Promise<CliResult> =>
  retrain(["backtest", ...args], { cwd, ...more, env: { ...NO_REGISTRY, ...more.env } });

type Document = BacktestDocument & {
  readonly files: { readonly report: string; readonly state: string | null };
};

function documentOf({ stdout, stderr }: CliResult): Document {
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Document;
}

/** As text, since byte-identical is what is promised: but for the seconds, and for whether the runs are kept. */
const comparable = (result: CliResult): string =>
  JSON.stringify(documentOf(result), (key, value) =>
    key === "seconds" || key === "state" ? undefined : value,
  );

test("past quarters with the gate's verdicts, one report, and nothing else in the state directory", async () => {
  const cwd = project((text) =>
    text.replace("metric: accuracy.wmape, max: 0.15", "metric: accuracy.wmape, max: 0.08"),
  );
  expect((await retrain(["quarter", "2025Q2"], { cwd })).exitCode).not.toBe(1);
  const before = hashTree(join(cwd, ".retrain"));
  const result = await backtest(cwd, ["2024Q3..2024Q4", "2024Q2", "--json"]);
  expect([result.exitCode, result.stderr.split("\n").length - 1]).toEqual([0, 3]);
  const document = documentOf(result);

  expect(document.quarters.map(({ quarter, cutoff, horizon }) => [quarter, cutoff, horizon])).toEqual([
    ["2024Q2", "2024-06-30", 6],
    ["2024Q3", "2024-09-30", 6],
    ["2024Q4", "2024-12-31", 6],
  ]);
  for (const { n, wmape, naive, seconds, byLead, bySegment, rules } of document.quarters) {
    expect([n > 400, wmape! > 0, naive.wmape! > wmape!, seconds > 0]).toEqual([true, true, true, true]);
    const scored = bySegment.filter((segment) => segment.n > 0);
    expect([byLead.length, scored.length, rules.length]).toEqual([6, 12, 6]);
    expect(byLead.reduce((sum, lead) => sum + lead.n, 0)).toBe(n);
  }
  // Each quarter has the champion that the earlier ones left.
  const [first, second] = document.quarters;
  expect([first!.verdict, first!.champion, first!.live]).toEqual(["would-promote", null, "candidate"]);
  expect(second!.champion!.version).toBe(first!.candidate);
  const accuracy = document.firing.find(({ rule }) => rule === "accuracy")!;
  const fired = document.quarters.map(({ rules }) => rules.find(({ id }) => id === "accuracy")!.verdict);
  expect(accuracy).toMatchObject({
    fired: fired.filter((verdict) => verdict === "FAIL").length,
    unknown: fired.filter((verdict) => verdict === "UNKNOWN").length,
    quarters: 3,
  });
  expect(document.sweeps.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["accuracy", "candidate"]));

  const after = hashTree(join(cwd, ".retrain"));
  const made = Object.keys(after).filter((path) => !(path in before));
  expect(made.map((path) => path.split("/").at(-1))).toEqual(["backtest.html", "backtest.json"]);
  expect(Object.fromEntries(Object.entries(after).filter(([path]) => path in before))).toEqual(before);
  expect(readFileSync(join(cwd, document.files.report), "utf8")).toMatch(/<title>[^<]*backtest/i);
});

let whole: Promise<CliResult> | undefined;
/** One backtest that nothing disturbs, for the tests that compare another one with it. */
const undisturbed = (): Promise<CliResult> => {
  whole ??= backtest(project(), ["2024Q3..2025Q1", "--json"], { env: { RETRAIN_WORKERS: "1" } });
  return whole;
};

test("the same bytes whatever the order of the arguments and the number of workers", async () => {
  const outcomes = [comparable(await undisturbed())];
  for (const [workers, ...quarters] of [
    ["2", "2025Q1", "2024Q4", "2024Q3"],
    ["4", "2024Q4..2025Q1,2024Q3"],
  ] as const)
    outcomes.push(
      comparable(await backtest(project(), [...quarters, "--json"], { env: { RETRAIN_WORKERS: workers } })),
    );
  expect(new Set(outcomes).size).toBe(1);
});

test("no row after a quarter's cutoff has a part in its forecasts", async () => {
  const found = documentOf(await undisturbed());
  const changed = project((text) => text.replace("source: fixtures/demand.csv", "source: changed.csv"));
  const [head, ...rows] = readFileSync(join(changed, "fixtures", "demand.csv"), "utf8")
    .trimEnd()
    .split("\n");
  // Everything after 2024Q3 but what is known ahead: targets, observed features, attributes, and series of their own.
  const later = rows.map((row) => {
    const [series, month, region, , target, holidays] = row.split(",");
    if (month! <= "2024-09") return row;
    return [series, month, `${region}-east`, "none", Number(target) * 7 + 1, holidays, 999].join(",");
  });
  writeFileSync(
    join(changed, "changed.csv"),
    [head, ...later, "NEW,2024-10,north,budget,5,0,100"].join("\n"),
  );
  const again = documentOf(await backtest(changed, ["2024Q3", "2024Q4", "--json"]));
  const snapshots = ({ quarters }: Document) => quarters.map(({ snapshot }) => snapshot);
  expect(snapshots(again)[0]).toBe(snapshots(found)[0]);
  expect(snapshots(found)[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(again.quarters[0]!.wmape).not.toBe(found.quarters[0]!.wmape);
  // So the comparison can fail: the next quarter saw the change.
  expect(snapshots(again)[1]).not.toBe(snapshots(found)[1]);
});

test("killed, the same command goes on with what is done and ends like one that nobody killed", async () => {
  const quarters = ["2024Q3..2025Q1", "--json"];
  const cwd = project();
  const killed = await backtest(cwd, quarters, {
    onTalk: (talk, kill) => {
      if (talk.includes("2024Q4 would")) kill("SIGKILL");
    },
  });
  expect(killed.exitCode).toBeNull();
  const resumed = await backtest(cwd, quarters);
  expect(resumed.stderr).toMatch(/2024Q3 .*replayed before\n.*2024Q4 .*replayed before\n/);
  expect(comparable(resumed)).toBe(comparable(await undisturbed()));
  const [id] = readdirSync(join(cwd, ".retrain", "backtest"));
  expect(readdirSync(join(cwd, ".retrain", "backtest", id!)).sort()).toEqual([
    "backtest.html",
    "backtest.json",
  ]);
});

test("Ctrl-C names the command that goes on", async () => {
  let isStopped = false;
  const { exitCode, stderr, stdout } = await backtest(project(), ["2024Q3", "2024Q4", "--keep"], {
    onTalk: (talk, kill) => {
      if (isStopped || !talk.includes("2024Q3 would")) return;
      isStopped = true;
      kill("SIGINT");
    },
  });
  expect([exitCode, stdout], stderr).toEqual([130, ""]);
  expect(stderr).toContain("retrain backtest 2024Q3 2024Q4 --keep");
});

test("nobody is told of an escalation", async () => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const cwd = project((text) =>
      text.replace("metric: train.cv.wmape, max: 0.15", "metric: train.cv.wmape, max: 0.001"),
    );
    const env = { RETRAIN_WEBHOOK_URL: url };
    const document = documentOf(await backtest(cwd, ["2024Q4", "--json", "--keep"], { env }));
    expect(document.quarters[0]).toMatchObject({ verdict: "would-escalate", live: null });
    expect(calls).toEqual([]);
    expect(readdirSync(join(cwd, document.files.state!))).toEqual(
      expect.arrayContaining(["registry", "runs"]),
    );
  } finally {
    server.close();
  }
});

test("quarters without actuals, with too little history, and before the data", async () => {
  const cwd = project();
  const future = documentOf(await backtest(cwd, ["2025Q2", "--json"]));
  expect(future.quarters[0]).toMatchObject({ n: 0, wmape: null, mase: null, bias: null });
  expect(future.pooled).toMatchObject({ n: 0, wmape: null, naive: { wmape: null, mase: null } });

  const early = await backtest(cwd, ["2019Q2", "2024Q4", "--json"]);
  expect(early.exitCode).toBe(1);
  const { quarters, files } = documentOf(early);
  expect(quarters.map(({ verdict }) => verdict)).toEqual(["failed", "would-promote"]);
  expect(quarters[0]).toMatchObject({
    n: 0,
    wmape: null,
    failure: { code: "forecast.too-short", step: "train" },
  });
  expect(files.state).not.toBeNull();

  const before = await backtest(cwd, ["2018Q4..2024Q4"]);
  expect([before.exitCode, before.stdout]).toEqual([2, ""]);
  expect(before.stderr).toContain("2018Q4 ends before the data begins: the first period is 2019-01");
});

test("bad usage says what is expected", async () => {
  const cwd = project();
  for (const [args, message] of [
    [["2024"], '"2024" is no quarter and no range of quarters'],
    [["2024Q4..2024Q1"], '"2024Q4..2024Q1" runs backwards'],
    [[], "missing required argument"],
    [["2024Q4", "--runbook", "none.yaml"], "cannot read the runbook none.yaml"],
    [["2024Q4", "--set", "gate.rules=[]"], "expected at least 1 item"],
  ] as const) {
    const { exitCode, stderr } = await backtest(cwd, args);
    expect([exitCode, stderr.includes(message)], stderr).toEqual([2, true]);
  }
});
