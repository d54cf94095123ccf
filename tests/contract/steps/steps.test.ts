import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ARTIFACT_KINDS } from "../../../src/kit/artifact.js";
import { inputKind } from "../../../src/kit/step.js";
import { stepTypes } from "../../../steps/index.js";
import { REPOSITORY, retrainJson } from "../../support/cli.js";
import { fixtureProject } from "../../support/project.js";

/** A step type whose ports the runbook names makes nothing by itself: tests/e2e/custom-steps.test.ts runs it. */
const wiredTypes = stepTypes.filter(({ ports }) => ports === undefined);

interface Record {
  readonly fingerprint: string;
  readonly outputs: { readonly [port: string]: { readonly kind: string; readonly hash: string } };
  readonly metrics: { readonly [name: string]: { readonly value: number | null; readonly why?: string } };
  readonly summary: string;
}

describe.each(stepTypes.map((type) => [type.type, type] as const))("%s", (name, step) => {
  test("has a name, a version and a sentence", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(step.version).toBeGreaterThan(0);
    expect(step.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(["pure", "external"]).toContain(step.effect);
    expect(step.effect === "external").toBe(step.holds !== undefined);
  });

  test("is one file of its own, under its name", () => {
    expect(readdirSync(join(REPOSITORY, "steps"))).toContain(`${name}.ts`);
  });

  test("describes every parameter, and refuses unknown ones", () => {
    const undescribed: string[] = [];
    const visit = (schema: { [key: string]: unknown }, path: string) => {
      for (const [key, property] of Object.entries(
        (schema.properties ?? {}) as { [key: string]: { [key: string]: unknown } },
      )) {
        if (typeof property.description !== "string") undescribed.push(`${path}${key}`);
        visit(property, `${path}${key}.`);
      }
      for (const variant of ((schema.anyOf ?? []) as { [key: string]: unknown }[]).concat(
        (schema.items ?? []) as never,
      )) {
        visit(variant, path);
      }
    };
    visit(z.toJSONSchema(step.params, { io: "input" }) as { [key: string]: unknown }, "");
    expect(undescribed).toEqual([]);
    const issues = step.params.safeParse({ noSuchParameter: 1 }).error!.issues;
    expect(JSON.stringify(issues)).toContain("unrecognized_keys");
  });

  test("names kinds that exist, and makes what no other step makes", () => {
    for (const port of Object.values(step.inputs))
      expect(Object.keys(ARTIFACT_KINDS)).toContain(inputKind(port));
    for (const kind of Object.values(step.outputs)) {
      const makers = stepTypes.filter((type) => Object.values(type.outputs).includes(kind));
      expect(makers.map((type) => type.type)).toEqual([name]);
    }
  });
});

describe("run twice on the fixtures", () => {
  const runs: Map<string, Record>[] = [];

  beforeAll(async () => {
    const cwd = fixtureProject(afterAll);
    for (const flag of [[], ["--fresh"]]) {
      const { document } = await retrainJson(["quarter", "2025Q2", ...flag], { cwd });
      const records = document.steps.map(({ id, type }): [string, Record] => {
        const path = join(cwd, ".retrain", "runs", document.run, "steps", id, "record.json");
        return [type, JSON.parse(readFileSync(path, "utf8")) as Record];
      });
      runs.push(new Map(records));
    }
  }, 120_000);

  test("the reference runbook uses every step type that has ports of its own", () => {
    expect([...runs[0]!.keys()].sort()).toEqual(wiredTypes.map(({ type }) => type).sort());
  });

  test.each(wiredTypes.map((type) => [type.type, type] as const))(
    "%s gives the same outputs, only declared metrics, and a reason for each that is null",
    (name, step) => {
      const [first, second] = [runs[0]!.get(name)!, runs[1]!.get(name)!];
      expect(second).toMatchObject({
        fingerprint: first.fingerprint,
        outputs: first.outputs,
        metrics: first.metrics,
        summary: first.summary,
      });
      expect(Object.keys(first.outputs).sort()).toEqual(Object.keys(step.outputs).sort());
      const declared = Object.keys(step.metrics).map(
        (pattern) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`),
      );
      for (const [metric, { value, why }] of Object.entries(first.metrics)) {
        expect(
          declared.some((pattern) => pattern.test(metric)),
          `${name} reports ${metric}`,
        ).toBe(true);
        if (value === null) expect(why, `${name}.${metric} is null`).toMatch(/^[a-z-]+$/);
        else expect(Number.isFinite(value)).toBe(true);
      }
      expect(first.summary).toMatch(/\S/);
    },
  );
});
