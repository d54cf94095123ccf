import type { BacktestDocument, RuleSweep } from "../../kit/backtest.js";
import { count, percent, plural, points } from "../format.js";
import { absent, heading, note, numberColumn, paragraph, section, table } from "../page/make.js";
import type { Block, Section, Table } from "../page/model.js";
import { sweepFigures } from "./drawings.js";
import { betterLimit, limitText } from "./words.js";

/** What other limits would have cost or saved. */
export function limitsSection({ sweeps, quarters }: BacktestDocument): Section {
  if (sweeps.length === 0)
    return section("limits", "Limits", absent("No rule compares one figure with one limit."));
  return section(
    "limits",
    "Limits",
    paragraph(
      "Each row is a limit that would have let other quarters through than the row above. Error is that of the forecast that would have been live from the quarter's cutoff: the candidate's, or the champion's where the quarter escalates.",
    ),
    sweeps.flatMap((sweep): Block[] => [
      heading(sweep.rule),
      paragraph(sentence(sweep)),
      ...(sweep.compared > 0 ? [sweepFigures(sweep, quarters.length)] : []),
      limitsTable(sweep),
    ]),
    note(
      "One quarter at a time: every quarter has the champion and the other rules' verdicts of this replay, so what another limit would have changed later on is not followed up. With few quarters a difference may be luck.",
    ),
  );
}

function sentence(sweep: RuleSweep): string {
  const { metric, compared, direction, severity, measured } = sweep;
  const what = `${metric} at ${direction === "max" ? "most" : "least"} the limit, measured in ${plural(measured, "quarter")}`;
  const warns =
    severity === "warn" ? " The rule only warns; this is what it would do if it stopped promotions." : "";
  if (compared === 0) return `${what}. No quarter had a champion to compare with.${warns}`;
  const better = betterLimit(sweep);
  const verdict =
    better === null
      ? "No other limit would have had less error, not by a hundredth of a point."
      : `Least error at ${limitText(better.limit)}: ${points(better.difference, 2)} to the runbook's limit, ${plural(better.escalated, "escalation")}.`;
  return `${what}. ${verdict}${warns}`;
}

const limitsTable = ({ limits, rule, compared, n }: RuleSweep): Table =>
  table(
    `${rule} by limit; error over ${plural(compared, "quarter")} with a champion, n ${count(n)}`,
    [
      numberColumn("Limit"),
      numberColumn("Fires"),
      numberColumn("Escalations"),
      numberColumn("WMAPE of what is live"),
      numberColumn("To the runbook's, + is worse"),
    ],
    limits.map(({ limit, fired, escalated, wmape, difference, isRunbook }) => [
      isRunbook ? `${limitText(limit)}, the runbook's` : limitText(limit),
      count(fired),
      count(escalated),
      percent(wmape, 2),
      points(difference, 2),
    ]),
  );
