/**
 * Writes what is derived from the step types: runbook.schema.json and docs/steps.md.
 * `--check` writes nothing and fails when a file on disk is not what would be written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { runbookJsonSchema } from "../src/runbook/schema.js";
import { stepTypes } from "../steps/index.js";
import { stepsPage } from "./steps-page.js";

const generated: Readonly<Record<string, string>> = {
  "runbook.schema.json": `${JSON.stringify(runbookJsonSchema(stepTypes), null, 2)}\n`,
  "docs/steps.md": stepsPage(stepTypes),
};

const isCheck = process.argv.includes("--check");
for (const [file, content] of Object.entries(generated)) {
  const url = new URL(`../../${file}`, import.meta.url);
  if (!isCheck) {
    writeFileSync(url, content);
  } else if (readFileSync(url, "utf8") !== content) {
    process.stderr.write(`${file} is stale: run \`npm run generate\` and commit it\n`);
    process.exitCode = 1;
  }
}
