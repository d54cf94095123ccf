import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changed, failuresOf, panelText, project } from "./bench.js";

/** Four series have 12 values a quarter. */
const withDrift = (rule: string) => changed(["max: 1000 }", `max: 1000 }\n        - { id: drift, ${rule} }`]);

async function secondDecision(before: string, now: string) {
  const folder = await project(withDrift(before), { "panel.csv": panelText() });
  expect(await failuresOf(folder, "2024Q3")).toEqual([]);
  await writeFile(join(folder, "runbook.yaml"), withDrift(now));
  expect(await failuresOf(folder, "2024Q4")).toEqual([]);
  const path = join(folder, ".retrain/runs/2024Q4-1/steps/gate/decision/decision.json");
  const { rules, loosened } = JSON.parse(await readFile(path, "utf8")) as {
    rules: { id: string; verdict: string }[];
    loosened: { what: string }[];
  };
  return {
    rules: rules.map(({ id, verdict }) => `${id} ${verdict}`),
    loosened: loosened.map(({ what }) => what),
  };
}

test("a minN that the panel never reaches may be lowered to one that it does", async () => {
  expect(await secondDecision("ks: { features: [target] }", "ks: { features: [target], minN: 12 }")).toEqual({
    rules: ["candidate PASS", "drift PASS"],
    loosened: [],
  });
});

test("to let its UNKNOWN pass instead is to loosen it", async () => {
  const now = "ks: { features: [target] }, whenUnknown: pass";
  expect(await secondDecision("ks: { features: [target] }", now)).toEqual({
    rules: ["candidate PASS", "drift UNKNOWN", "limits-loosened FAIL"],
    loosened: ["whenUnknown"],
  });
});
