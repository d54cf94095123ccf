import { DASH } from "../../format.js";
import { cards, codeColumn, dim, note, section, table, textColumn } from "../../page/make.js";
import type { Section } from "../../page/model.js";
import type { QuarterInput } from "../input.js";

/** What the run was made from. Hashes are whole, so that they can be compared. */
export function lineageSection({ document, lineage }: QuarterInput): Section {
  const { candidate, champion, decision, overrides = [] } = document;
  return section(
    "lineage",
    "Lineage",
    cards(
      "This run",
      [textColumn("What"), codeColumn("Value")],
      [
        ["Run", document.run],
        ["Started", lineage.startedAt],
        ["retrain", lineage.retrain],
        ["Commit", lineage.git ?? dim("not in a git repository")],
        ["Runbook", lineage.runbook.path],
        ["Runbook hash", lineage.runbook.hash],
        ["Data", lineage.sources.length === 0 ? DASH : lineage.sources.join(", ")],
        ["Registry", lineage.registry],
        ["Candidate", candidate === null ? DASH : `${candidate.name} version ${candidate.version}`],
        ["Live before", champion.before === null ? DASH : `version ${champion.before}`],
        ["Live after", champion.after === null ? DASH : `version ${champion.after}`],
        ["Decision", decision === null ? DASH : decision.digest],
      ],
    ),
    overrides.length === 0
      ? []
      : table(
          "The model that was live before is live by an approval, although these rules had not passed",
          [
            textColumn("Approval"),
            textColumn("Quarter"),
            textColumn("Rules"),
            textColumn("By"),
            textColumn("Expires"),
          ],
          overrides.map(({ id, quarter, rules, by, expires, expired }) => [
            id,
            quarter ?? DASH,
            rules.join(", "),
            by,
            expires === null ? DASH : expired ? `${expires}, over` : expires,
          ]),
        ),
    lineage.artifacts.length === 0
      ? note("Outputs: the run made none.")
      : table(
          "Outputs by content",
          [textColumn("Step"), textColumn("Output"), codeColumn("Hash")],
          lineage.artifacts.map(({ step, kind, hash }) => [step, kind, hash]),
        ),
  );
}
