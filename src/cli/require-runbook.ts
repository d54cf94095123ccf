import { fail } from "../kit/failure.js";
import { renderDiagnostics } from "../report/diagnostics.js";
import { type OpenedRunbook, openRunbook } from "./open-runbook.js";
import type { Terminal } from "./terminal.js";

/** A valid runbook, or every diagnostic on standard error and the failure `runbook.invalid`. Its secrets are hidden from now on. */
export async function requireRunbook(
  file: string,
  overrides: readonly string[],
  terminal: Terminal,
): Promise<Extract<OpenedRunbook, { ok: true }>> {
  const opened = await openRunbook(file, overrides);
  if (!opened.ok) {
    terminal.talk(renderDiagnostics(opened.diagnostics, terminal.talkStyle));
    const { diagnostics } = opened;
    return fail({ code: "runbook.invalid", retryable: false, file, count: diagnostics.length, diagnostics });
  }
  terminal.hide(opened.runbook.secrets);
  return opened;
}
