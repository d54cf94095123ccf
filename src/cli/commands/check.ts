import { type Foresight, foresee } from "../../operations/foresee.js";
import { diagnosticsDocument, renderDiagnostics, renderWarnings } from "../../report/diagnostics.js";
import { EXIT } from "../exit-codes.js";
import { openRunbook } from "../open-runbook.js";
import { openTerminal } from "../terminal.js";

export async function check(
  file: string,
  options: { set: readonly string[]; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const opened = await openRunbook(file, options.set);
  const diagnostics = opened.ok ? [] : opened.diagnostics;
  const warnings: readonly Foresight[] = opened.ok ? await foresee(opened.runbook, opened.graph, null) : [];
  if (options.json) {
    terminal.document({ ...diagnosticsDocument(diagnostics), warnings });
  }
  if (!opened.ok) {
    if (!options.json) terminal.talk(renderDiagnostics(diagnostics, terminal.talkStyle));
    process.exitCode = EXIT.usage;
    return;
  }
  if (options.json) return;
  terminal.talk(renderWarnings(warnings, terminal.talkStyle));
  terminal.talk(`${file} is valid: ${opened.graph.nodes.length} steps\n`);
}
