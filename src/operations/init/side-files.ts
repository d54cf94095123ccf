import { parseObject } from "../../kit/json.js";

/** Lines that `.gitignore` is to have. */
const IGNORED = [".retrain/", "node_modules/", "__pycache__/"];

/** `.gitignore` with what a run leaves beside the runbook; null where nothing is missing. */
export function ignoreText(before: string | null): string | null {
  const lines = new Set((before ?? "").split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const missing = IGNORED.filter((line) => !lines.has(line.replace(/\/$/, "")));
  if (missing.length === 0) return null;
  const head = before === null || before === "" || before.endsWith("\n") ? (before ?? "") : `${before}\n`;
  return `${head}${missing.join("\n")}\n`;
}

const SCRIPT = "quarter";

/**
 * `package.json` with a script that runs a quarter: `npm run quarter -- 2025Q2`. Null where it has one already, or is none that we can write.
 */
export function packageText(before: string | null, command: string): string | null {
  if (before === null)
    return `${JSON.stringify({ private: true, scripts: { [SCRIPT]: command } }, null, 2)}\n`;
  const manifest = parseObject(before);
  if (manifest === null) return null;
  const scripts = (manifest.scripts ?? {}) as Record<string, unknown>;
  if (Object.hasOwn(scripts, SCRIPT)) return null;
  const indent = /\n([ \t]+)"/.exec(before)?.[1] ?? 2;
  const end = before.endsWith("\n") ? "\n" : "";
  return `${JSON.stringify({ ...manifest, scripts: { ...scripts, [SCRIPT]: command } }, null, indent)}${end}`;
}

/**
 * A workflow of GitHub Actions that runs a quarter by hand with the program that the lockfile pins.
 * @param folder of the runbook in the repository, `.` for its root
 * @param runbook its file, in that folder
 */
export function workflowText(folder: string, runbook: string): string {
  const book = runbook === "runbook.yaml" ? "" : ` --runbook ${runbook}`;
  const check = runbook === "runbook.yaml" ? "" : ` ${runbook}`;
  const place =
    folder === "." ? "" : `    defaults: { run: { working-directory: ${JSON.stringify(folder)} } }\n`;
  const lock = folder === "." ? "" : `${folder}/`;
  return `# Runs a quarter by hand: Actions, retrain, Run workflow. Exit code 3, an escalation, fails the job; its summary says why.
name: retrain
on:
  workflow_dispatch:
    inputs:
      quarter: { description: "the quarter whose actuals have closed, e.g. 2025Q2", required: true }
permissions: { contents: read }
concurrency: retrain
jobs:
  quarter:
    runs-on: ubuntu-latest
${place}    env:
      # Without a registry that outlives the job each run would be a first release.
      MLFLOW_TRACKING_URI: \${{ secrets.MLFLOW_TRACKING_URI }}
      QUARTER: \${{ inputs.quarter }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm, cache-dependency-path: ${JSON.stringify(`${lock}package-lock.json`)} }
      # The program is the one that package-lock.json pins: \`--no\` fetches nothing by its name.
      - run: npm ci
      - run: npx --no retrain check${check}
      - run: npx --no retrain quarter "$QUARTER"${book}
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: retrain, path: ${JSON.stringify(`${lock}.retrain/runs`)}, include-hidden-files: true }
`;
}
