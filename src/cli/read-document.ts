import { relative } from "node:path";
import type { Engine } from "../engine/engine.js";
import type { StoredRun } from "../engine/run-store.js";
import { readDocument } from "../operations/run-document/read.js";
import { failureContext } from "../report/failures/text.js";
import type { RunDocument } from "../report/run-document.js";
import { flagsToRepeat } from "./flags.js";
import { ISSUES } from "./links.js";
import type { Terminal } from "./terminal.js";

/** The document that a run left, or null when it has none. What is wrong with its files is said on standard error. */
export async function openDocument(
  engine: Engine,
  run: StoredRun,
  stateDir: string | undefined,
  terminal: Terminal,
): Promise<RunDocument | null> {
  const { header } = run;
  const runbook = relative(process.cwd(), header.runbook);
  const flags = flagsToRepeat({ ...header, runbook, stateDir });
  const context = failureContext({ run: header.run, quarter: header.quarter, reportTo: ISSUES, ...flags });
  const left = await readDocument(engine, run, context);
  for (const line of left?.damage ?? []) terminal.talk(`! ${line}\n`);
  return left?.document ?? null;
}
