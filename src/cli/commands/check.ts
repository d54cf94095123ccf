import { lookAhead } from "../../operations/foresee/foresee.js";
import {
  diagnosticsDocument,
  renderDiagnostics,
  renderWarnings,
  warningDocument,
} from "../../report/diagnostics.js";
import { plural } from "../../report/format.js";
import { EXIT } from "../exit-codes.js";
import { openRunbook } from "../open-runbook.js";
import { openTerminal } from "../terminal.js";

export async function check(
  file: string,
  options: { set: readonly string[]; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const opened = await openRunbook(file, options.set);
  const { errors, warnings } = await lookAhead(opened, null);
  if (errors.length > 0) process.exitCode = EXIT.usage;
  if (options.json) {
    terminal.document({ ...diagnosticsDocument(errors), warnings: warnings.map(warningDocument) });
    return;
  }
  if (errors.length > 0) terminal.talk(renderDiagnostics(errors, terminal.talkStyle));
  terminal.talk(renderWarnings(warnings, terminal.talkStyle));
  if (opened.ok && errors.length === 0)
    terminal.talk(`${file} is valid: ${plural(opened.graph.nodes.length, "step")}\n`);
}
