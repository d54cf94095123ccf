import { type RejectionOutcome, reject as rejectSubject, requireRejectable } from "../../approval/reject.js";
import type { Subject } from "../../approval/subject.js";
import { tidy } from "../../approval/words.js";
import type { Style } from "../../report/style.js";
import { sayOrAsk, sayUnchanged, whoAndWhy } from "../decide/ask.js";
import { openSubject, type PersonOptions, speaking } from "../decide/open.js";
import { showOnPages } from "../decide/pages.js";
import { factsText, saidText, subjectText, versionText } from "../decide/text.js";
import { openTerminal } from "../terminal.js";

export interface RejectOptions extends PersonOptions {
  readonly decision?: string;
}

/** Closes an escalated run: what is live stays. */
export const reject = (name: string | undefined, options: RejectOptions): Promise<void> =>
  speaking(options, name ?? null, async () => {
    const terminal = openTerminal();
    const json = options.json ?? false;
    const wanted = whoAndWhy(options);
    const { registry, engine, subject } = await openSubject("reject", name, options, terminal);
    requireRejectable(subject);
    const said = await sayOrAsk(terminal, wanted, {
      shown: () => subjectText(subject, terminal.talkStyle),
      confirm: `Reject version ${subject.candidate} for good?`,
      json,
      typed: ["reject", subject.run],
    });
    if (said === null) return sayUnchanged(terminal);
    const [by, reason] = said.map(tidy) as [string, string];
    const outcome = await rejectSubject(registry, subject, { by, reason: terminal.mask(reason) });
    const { model, alias } = subject.decision;
    await showOnPages(terminal, { registry, engine, model, alias, runs: [subject.registryRun.runId] });
    terminal.show(json, documentOf(subject, outcome), (style) => rejectionText(subject, outcome, style));
  });

const documentOf = ({ run, decision, candidate, live }: Subject, { outcome, record }: RejectionOutcome) => ({
  outcome,
  run,
  quarter: decision.quarter,
  model: decision.model,
  alias: decision.alias,
  version: candidate,
  decision: decision.digest,
  live,
  record,
});

function rejectionText(
  { candidate, live }: Subject,
  { outcome, record }: RejectionOutcome,
  style: Style,
): string {
  const verb = outcome === "rejected" ? "Rejected" : "Already rejected";
  return factsText(
    `${verb}: version ${candidate} will not go live; ${versionText(live)} stays live`,
    [["by", saidText(record)]],
    style,
  );
}
