import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Document, parseDocument, stringify } from "yaml";
import { openRunbook } from "../../../src/cli/open-runbook.js";
import { createProgram } from "../../../src/cli/program.js";
import { parseSpace } from "../../../src/cli/tune/space-file.js";
import type { TunedParams } from "../../../src/forecast/tune/parameters.js";
import { DOCUMENTS, readDocument, type Snippet, snippetsOf } from "../../support/snippets.js";
import { tempFolder } from "../durable/temp-folder.js";

/** Command lines of a document: in its text, and in its blocks that are no other language. */
function commandsOf(file: string): string[] {
  const inline = [...readDocument(file).matchAll(/`(?:npx )?retrain( [^`\n]+)`/g)].map(([, words]) => words!);
  const blocks = snippetsOf(file)
    .filter(({ language }) => ["", "sh", "yaml"].includes(language))
    .flatMap(({ text }) => text.split("\n"))
    .flatMap((line) => {
      const typed = line.replace(/^(?:- )?run: |^(?:- if: .*)|^\$ /, "").replace(/\s+#.*$/, "");
      return /^(?:\w+=\S+ )*(?:npx (?:--no )?)?retrain( .+)$/.exec(typed)?.[1] ?? [];
    });
  return [...inline, ...blocks];
}

/** What the program would not take; null for a command that it has, with flags that it has. */
function refusalOf(text: string): string | null {
  const words = text
    .replace(/[[\]…]|\.\.\.|[|>].*$/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
  let command: Command = createProgram();
  while (command.commands.length > 0 && words.length > 0 && !words[0]!.startsWith("-")) {
    const inner = command.commands.find((one) => one.name() === words[0]);
    if (inner === undefined) return `there is no command ${words[0]}`;
    command = inner;
    words.shift();
  }
  const flags = new Set(["--help", "--version", ...command.options.map(({ long }) => long)]);
  const unknown = words.filter((word) => /^--\w/.test(word) && !flags.has(word));
  return unknown.length === 0 ? null : `${command.name()} has no ${unknown.join(", ")}`;
}

test.each(DOCUMENTS)("%s names commands and flags that there are", (file) => {
  const refused = commandsOf(file).flatMap((text) => {
    const refusal = refusalOf(text);
    return refusal === null ? [] : [`retrain${text}: ${refusal}`];
  });
  expect(refused).toEqual([]);
});

test("the documents are full of them, and a wrong one is seen", () => {
  expect(DOCUMENTS.flatMap(commandsOf).length).toBeGreaterThan(60);
  expect(refusalOf(" quater 2025Q2")).toBe("there is no command quater");
  expect(refusalOf(" quarter 2025Q2 --dryrun")).toBe("quarter has no --dryrun");
  expect(refusalOf(" registry push --form X")).toBe("push has no --form");
});

/** What a block of YAML is of the runbook; null where it is something else, which has a test of its own. */
function place(runbook: Document, fragment: unknown): boolean {
  if (Array.isArray(fragment)) return fragment.every((item) => placeItem(runbook, item as Fields));
  const keys = Object.keys(fragment as Fields);
  for (const key of keys) {
    if (key === "rules") {
      for (const rule of (fragment as { rules: Fields[] }).rules) placeItem(runbook, rule);
    } else if (["data", "escalation", "csv", "model", "calendar", "registry"].includes(key)) {
      const values = (fragment as Record<string, Fields>)[key]!;
      for (const [name, value] of Object.entries(values)) {
        const whole = key === "data" && name === "columns" ? columnsWith(runbook, value as Fields) : value;
        runbook.setIn([key, name], runbook.createNode(whole));
      }
    } else {
      return false;
    }
  }
  return true;
}

/** Other columns beside those that the steps of the reference runbook name; a target of another name has none of its limits. */
function columnsWith(runbook: Document, given: Fields): Fields {
  runbook.setIn(["steps", 0, "with", "ranges"], runbook.createNode({}));
  const { data } = runbook.toJS() as { data: { columns: Fields } };
  return { ...data.columns, ...given };
}

type Fields = Readonly<Record<string, unknown>>;

function placeItem(runbook: Document, item: Fields): boolean {
  const steps = (runbook.toJS() as { steps: { id: string; with?: { rules?: { id: string }[] } }[] }).steps;
  const gate = steps.findIndex(({ id }) => id === "gate");
  if ("uses" in item) {
    const same = steps.findIndex(({ id }) => id === item.id);
    const all = same < 0 ? steps.toSpliced(gate, 0, item as never) : steps.with(same, item as never);
    runbook.set("steps", runbook.createNode(all));
    return true;
  }
  if (["metric", "expr", "compare", "ks", "psi", "missing", "freshness"].some((kind) => kind in item)) {
    const rules = steps[gate]!.with!.rules!.filter(({ id }) => id !== item.id);
    runbook.setIn(["steps", gate, "with", "rules"], runbook.createNode([...rules, item]));
    return true;
  }
  if (["webhook", "email", "pagerduty", "github", "command"].some((kind) => kind in item)) {
    runbook.setIn(["escalation", "notify"], runbook.createNode([item]));
    return true;
  }
  return false;
}

async function open(text: string) {
  const file = join(await tempFolder(), "runbook.yaml");
  writeFileSync(file, text);
  const opened = await openRunbook(file, []);
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("; "));
  return opened;
}

describe("YAML of the documents", () => {
  const snippets = DOCUMENTS.flatMap(snippetsOf).filter(({ language }) => language === "yaml");
  const isSpace = ({ text }: Snippet) => /^space:/m.test(text);
  /** Its commands are tried above. */
  const isWorkflow = ({ text }: Snippet) => text.startsWith("- run: ");
  const named = (kind: (snippet: Snippet) => boolean) =>
    snippets.filter(kind).map((snippet) => [`${snippet.file}:${snippet.line}`, snippet] as const);

  test.each(named((snippet) => !isSpace(snippet) && !isWorkflow(snippet)))(
    "%s is valid in the reference runbook",
    async (_name, { text }) => {
      for (const [, variable] of text.matchAll(/\$\{(\w+)\}/g)) vi.stubEnv(variable!, "set-for-the-test");
      onTestFinished(() => void vi.unstubAllEnvs());
      const runbook = parseDocument(readDocument("runbook.yaml"));
      expect(place(runbook, parseDocument(text).toJS())).toBe(true);
      await open(stringify(runbook.toJS()));
    },
  );

  test.each(named(isSpace))("%s is a space of the reference runbook's training", async (_name, { text }) => {
    const { graph } = await open(readDocument("runbook.yaml"));
    const { id, step } = graph.nodes.find((node) => node.id === "train")!;
    const parsed = parseSpace(text, "tune.yaml", [{ id, params: step.params as TunedParams }]);
    expect(parsed).toMatchObject({ ok: true });
  });
});
