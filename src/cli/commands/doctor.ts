import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FailureError } from "../../kit/failure.js";
import { examine } from "../../operations/doctor/doctor.js";
import { lookAhead } from "../../operations/foresee/foresee.js";
import { stateOfRunbook, stateOfRuns } from "../../operations/state/find.js";
import { type Checkup, checkupDocument, checkupText, failed, fine } from "../../report/checkup.js";
import { explainFailure } from "../../report/failures/explain.js";
import { failureContext } from "../../report/failures/text.js";
import { plural } from "../../report/format.js";
import { EXIT } from "../exit-codes.js";
import { flagsToRepeat } from "../flags.js";
import { ISSUES } from "../links.js";
import { type OpenedRunbook, openRunbook } from "../open-runbook.js";
import { openRuns, registryOf } from "../setup.js";
import { openTerminal } from "../terminal.js";

export interface DoctorOptions {
  readonly runbook: string;
  readonly stateDir?: string;
  readonly set: readonly string[];
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** Looks at what a quarter relies on, and says what to type. Changes nothing. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const terminal = openTerminal();
  const flags = flagsToRepeat({ ...options, overrides: options.set, dryRun: false });
  const context = failureContext({ run: null, quarter: null, reportTo: ISSUES, ...flags });
  const { opened, checks } = await lookAtRunbook(options);
  if (opened !== null) terminal.hide(opened.runbook.secrets);
  const state =
    opened === null
      ? stateOfRuns(existsSync(options.runbook) ? options : { stateDir: options.stateDir })
      : stateOfRunbook(options, { path: opened.path, model: opened.runbook.model.name });
  const found = await examine({
    runbook: opened,
    engine: openRuns(state.state),
    openRegistry: (runbook) =>
      registryOf(runbook.registryUri, state.state, runbook.folder, undefined, runbook.name),
    env: process.env,
    node: process.versions.node,
    context,
    verify: options.verify ?? false,
  });
  const all = [...checks, ...found];
  const document = checkupDocument(all);
  if (options.json) terminal.document(document);
  else terminal.data(checkupText(all, terminal.dataStyle));
  process.exitCode = document.healthy ? EXIT.ok : EXIT.failed;

  async function lookAtRunbook({ runbook: file, set }: DoctorOptions): Promise<{
    readonly opened: Extract<OpenedRunbook, { ok: true }> | null;
    readonly checks: readonly Checkup[];
  }> {
    try {
      const opened = await openRunbook(file, set);
      const { errors: diagnostics } = await lookAhead(opened, null);
      if (opened.ok && diagnostics.length === 0) {
        const steps = plural(opened.graph.nodes.length, "step");
        return { opened, checks: [fine("runbook", `The runbook is valid: ${steps}`, resolve(file))] };
      }
      const failure = { code: "runbook.invalid", retryable: false, file, count: diagnostics.length } as const;
      const words = explainFailure(failure, context);
      const lines = diagnostics.map(
        ({ message, path, span }) =>
          `${span === null ? path : `${file}:${span.line}:${span.column}`}: ${message}`,
      );
      return { opened: opened.ok ? opened : null, checks: [failed("runbook", { ...words, details: lines })] };
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      return { opened: null, checks: [failed("runbook", explainFailure(error.failure, context))] };
    }
  }
}
