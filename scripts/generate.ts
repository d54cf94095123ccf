/**
 * Writes what is derived from the step types: runbook.schema.json, docs/steps.md and the schemas of a command's files; and the types of
 * MLflow's REST calls, from our OpenAPI document of them; and the bytes of the kernels in WebAssembly.
 * `--check` writes nothing and fails when a file on disk is not what would be written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import openapiTypes, { astToString } from "openapi-typescript";
import initWabt from "wabt";
import { z } from "zod";
import { CommandContext, CommandResult } from "../src/command/contract.js";
import { runbookJsonSchema } from "../src/runbook/schema.js";
import { stepTypes } from "../steps/index.js";
import { stepsPage } from "./steps-page.js";

const schemaText = (schema: z.ZodType) =>
  `${JSON.stringify(z.toJSONSchema(schema, { io: "input" }), null, 2)}\n`;

const MLFLOW = "src/registry/mlflow";
const mlflowTypes = async () => {
  const types = await openapiTypes(new URL(`../../${MLFLOW}/openapi.yaml`, import.meta.url));
  return `// Generated from ../openapi.yaml by \`npm run generate\`: do not edit.\n\n${astToString(types)}`;
};

const BOOSTING = "src/forecast/boosting";
const ETS_BANK = "src/forecast/experts/ets-bank";
const kernels = async (folder: string) => {
  const source = readFileSync(new URL(`../../${folder}/kernels.wat`, import.meta.url), "utf8");
  const parsed = (await initWabt()).parseWat("kernels.wat", source, { threads: true, simd: true });
  const lines =
    Buffer.from(parsed.toBinary({}).buffer)
      .toString("base64")
      .match(/.{1,96}/g) ?? [];
  const text = lines.map((line) => `  "${line}"`).join(" +\n");
  return `// Generated from kernels.wat by \`npm run generate\`: do not edit.\n\n/** A WebAssembly module. */\nexport const KERNELS =\n${text};\n`;
};

const generated: Readonly<Record<string, string>> = {
  "runbook.schema.json": `${JSON.stringify(runbookJsonSchema(stepTypes), null, 2)}\n`,
  "docs/steps.md": stepsPage(stepTypes),
  "docs/command-context.schema.json": schemaText(CommandContext),
  "docs/command-result.schema.json": schemaText(CommandResult),
  [`${MLFLOW}/generated/openapi.d.ts`]: await mlflowTypes(),
  [`${BOOSTING}/kernels.generated.ts`]: await kernels(BOOSTING),
  [`${ETS_BANK}/kernels.generated.ts`]: await kernels(ETS_BANK),
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
