import { describe, expect, test } from "vitest";
import { wireGraph } from "../../../src/plan/graph.js";
import { stepTypes } from "../../../steps/index.js";
import { diagnosticsOf, runbookOf, SMALL } from "./support.js";

/** Names that an object has from its prototype, or that zod leaves out, and names that YAML reads as something else where they are values. */
const NAMES = "__proto__ constructor toString hasOwnProperty prototype valueOf 1 007 1e5 true null NaN".split(
  " ",
);
/** What a program's environment takes. */
const VARIABLES = NAMES.filter((name) => /^[A-Za-z_]/.test(name));
/** What a port takes. */
const PORTS = NAMES.filter((name) => /^[A-Za-z]/.test(name));

/** A map of the runbook whose names are a user's. */
interface Option {
  readonly names: readonly string[];
  readonly value: unknown;
  readonly step?: Readonly<Record<string, unknown>>;
  readonly dataKey?: string;
  /** What the parsed step or data has of it. */
  readonly of: (runbook: ReturnType<typeof runbookOf>) => unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: parameters of any step
const params = (runbook: ReturnType<typeof runbookOf>): any => runbook.steps.at(-1)!.params;
const command = (key: string, map: unknown) => ({
  id: "own",
  uses: "command",
  with: { run: ["true"], [key]: map },
});
const learner = (key: string, map: unknown) => ({
  id: "own",
  uses: "train-pooled-cv",
  with: { learners: [{ command: ["true"], [key]: map }] },
});
const checks = (key: string, map: unknown) => ({ id: "own", uses: "validate-data", with: { [key]: map } });

const optionsOf = (name: string): Readonly<Record<string, Option>> => {
  const map = (value: unknown) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);
  const of = (key: string) => (runbook: ReturnType<typeof runbookOf>) => params(runbook)[key];
  const ofLearner = (key: string) => (runbook: ReturnType<typeof runbookOf>) =>
    params(runbook).learners[0][key];
  const range = { min: 0 };
  return {
    ranges: { names: NAMES, value: range, step: checks("ranges", map(range)), of: of("ranges") },
    nulls: { names: NAMES, value: 0.5, step: checks("nulls", map(0.5)), of: of("nulls") },
    values: { names: NAMES, value: ["a"], step: checks("values", map(["a"])), of: of("values") },
    "command params": { names: NAMES, value: "x", step: command("params", map("x")), of: of("params") },
    "command env": { names: VARIABLES, value: "x", step: command("env", map("x")), of: of("env") },
    "command outputs": {
      names: PORTS,
      value: "custom/a",
      step: command("outputs", map("custom/a")),
      of: of("outputs"),
    },
    "learner options": { names: NAMES, value: 1, step: learner("options", map(1)), of: ofLearner("options") },
    "learner env": { names: VARIABLES, value: "x", step: learner("env", map("x")), of: ofLearner("env") },
    timeFlags: { names: NAMES, value: "keep", dataKey: "timeFlags", of: ({ data }) => data.timeFlags },
  };
};

const runbookWith = (name: string, { step, dataKey, value }: Option): string =>
  step !== undefined
    ? `${SMALL}  - ${JSON.stringify(step)}\n`
    : SMALL.replace(
        "  frequency: month",
        `  frequency: month\n  ${dataKey}: { ${JSON.stringify(name)}: ${value} }`,
      );

describe.each(Object.keys(optionsOf("a")))("every name is kept in %s", (option) => {
  test.each(NAMES)("%s", (name) => {
    const given = optionsOf(name)[option]!;
    const text = runbookWith(name, given);
    if (!given.names.includes(name)) {
      // Refused, and by its name: a map that has lost it would be valid.
      expect(diagnosticsOf(text).length).toBeGreaterThan(0);
      expect(diagnosticsOf(text)[0]!.path).toContain(name);
      return;
    }
    expect(Object.entries(given.of(runbookOf(text)) as object)).toEqual([[name, given.value]]);
  });
});

test.each(PORTS)("an input port %s is fed, and is not found where nobody has it", (port) => {
  const wired = (more: string) => {
    const first = SMALL.slice(0, SMALL.indexOf("  - { id: train"));
    const result = wireGraph(runbookOf(`${first}  - { id: own, uses: command, ${more} }\n`), stepTypes);
    return result.ok ? result.graph.nodes.at(-1)!.wires : result.diagnostics.map(({ code }) => code);
  };
  const fed = { step: "validate", port: "panel" };
  expect(Object.entries(wired(`with: { run: ["true"], inputs: { ${port}: panel } }`))).toEqual([[port, fed]]);
  expect(
    Object.entries(
      wired(`with: { run: ["true"], inputs: { ${port}: panel } }, inputs: { ${port}: validate }`),
    ),
  ).toEqual([[port, fed]]);
  expect(wired(`with: { run: ["true"] }, inputs: { ${port}: validate }`)).toEqual(["runbook.unknown-port"]);
});

test.each([
  ["name", "007"],
  ["model.name", "1e5"],
  ["model.alias", "true"],
  ["model.name", "null"],
  ["data.columns.series", "12345678901234567890"],
  ["data.columns.attributes", "[1]"],
])("%s=%s is no text, and the way to write it as text is said", (path, value) => {
  const [found] = diagnosticsOf(SMALL, { set: [`${path}=${value}`] });
  expect(found?.suggestion).toBe(`write "${value.replace(/[[\]]/g, "")}" for text`);
  const quoted = value.replace(/[^[\]]+/, (text) => `"${text}"`);
  expect(diagnosticsOf(SMALL, { set: [`${path}=${quoted}`] })).toEqual([]);
});
