import { z } from "zod";
import { ARTIFACT_KINDS } from "../src/kit/artifact.js";
import { type AnyStepType, inputKind, isOptional } from "../src/kit/step.js";

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

/** docs/steps.md: every step type with its parameters, ports and metrics, from the same schemas that check runbooks. */
export function stepsPage(types: readonly AnyStepType[]): string {
  const head = [
    "# Steps",
    "",
    "<!-- Generated from the step types by `npm run generate`. Edit the schemas in steps/, not this file. -->",
    "",
    "Every step type that `uses:` may name, in the order of a usual runbook. Parameters go under `with:`. Steps are wired by",
    "artifact kind: an input is taken from the one earlier step that makes it.",
    "",
    "| step type | what it does |",
    "| --- | --- |",
    ...types.map(({ type, summary }) => `| [\`${type}\`](#${type}) | ${summary} |`),
    "",
  ];
  return [...head, ...types.flatMap(stepSection), ...kindsSection()].join("\n");
}

function stepSection(step: AnyStepType): string[] {
  const schema = z.toJSONSchema(step.params, { io: "input", reused: "inline" }) as Schema;
  const inputs = Object.entries(step.inputs).map(
    ([port, spec]) => `\`${port}\`: ${inputKind(spec)}${isOptional(spec) ? " (optional)" : ""}`,
  );
  const outputs = Object.entries(step.outputs).map(([port, kind]) => `\`${port}\`: ${kind}`);
  const metrics = Object.entries(step.metrics);
  const ports =
    step.ports === undefined
      ? [`- Inputs: ${inputs.join(", ") || "none"}`, `- Outputs: ${outputs.join(", ")}`]
      : ["- Inputs, outputs and metrics: those that its parameters name"];
  return [
    `## ${step.type}`,
    "",
    `${step.summary}.${step.effect === "external" ? " Changes the model registry; the same inputs never change it twice." : ""}`,
    "",
    ...ports,
    "",
    ...parameterTables(schema),
    ...(metrics.length === 0
      ? []
      : [
          "Metrics, as `ID.NAME` in rules and reports:",
          "",
          "| name | meaning |",
          "| --- | --- |",
          ...metrics.map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`),
          "",
        ]),
  ];
}

function parameterTables(schema: Schema): string[] {
  const variants = schema.anyOf ?? schema.oneOf ?? [schema];
  const tables = variants.flatMap((variant, i) => {
    const rows = parameterRows(variant, "");
    if (rows.length === 0) return [];
    const title = variants.length > 1 ? [`${variant.description ?? `Form ${i + 1}`}:`, ""] : [];
    return [...title, "| parameter | type | default | meaning |", "| --- | --- | --- | --- |", ...rows, ""];
  });
  return tables.length === 0 ? ["No parameters.", ""] : tables;
}

function parameterRows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const isRequired = (schema.required ?? []).includes(name);
    const fallback =
      property.default !== undefined
        ? `\`${JSON.stringify(property.default)}\``
        : isRequired
          ? "required"
          : "";
    const row = `| \`${path}\` | ${cell(typeName(property))} | ${cell(fallback)} | ${cell(property.description ?? "")} |`;
    const nested = property.properties !== undefined ? parameterRows(property, path) : [];
    const item = property.items;
    const variants = item?.anyOf ?? item?.oneOf ?? (item === undefined ? [] : [item]);
    const itemRows = variants.flatMap((variant) => parameterRows(variant, `${path}[]`));
    return [row, ...nested, ...new Set(itemRows)];
  });
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(" or ");
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return [...new Set(variants.map(typeName))].join(" or ");
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeName).join(", ")}]`;
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "anything" : typeName(schema.items)}`;
  if (schema.type === "object") return "mapping";
  return (
    { integer: "whole number", number: "number", string: "text", boolean: "true or false" }[
      schema.type ?? ""
    ] ?? ""
  );
}

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\s+/g, " ");

function kindsSection(): string[] {
  return [
    "## Artifact kinds",
    "",
    "| kind | what it holds |",
    "| --- | --- |",
    ...Object.entries(ARTIFACT_KINDS).map(([kind, holds]) => `| ${kind} | ${cell(holds)} |`),
    "| custom/NAME | what a step of your own makes, see [custom-steps.md](custom-steps.md) |",
    "",
  ];
}
