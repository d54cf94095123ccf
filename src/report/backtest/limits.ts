import type { BacktestDocument, RuleSweep } from "../../kit/backtest.js";
import { count, percent, plural, points } from "../format.js";
import type { Draw } from "../html/charts/svg.js";
import { type Html, html } from "../html/markup.js";
import { absent, numberColumn, section, table } from "../html/parts.js";
import { sweepChart } from "./charts.js";
import { betterLimit, limitText } from "./words.js";

/** What other limits would have cost or saved. */
export async function limitsSection({ sweeps, quarters }: BacktestDocument, draw: Draw): Promise<Html> {
  if (sweeps.length === 0)
    return section("limits", "Limits", absent("No rule compares one figure with one limit."));
  const parts: Html[] = [];
  for (const sweep of sweeps) {
    parts.push(html`<h3>${sweep.rule}</h3><p>${sentence(sweep)}</p>`);
    if (sweep.compared > 0) parts.push(await draw(sweepChart(sweep, quarters.length)));
    parts.push(limitsTable(sweep));
  }
  return section(
    "limits",
    "Limits",
    html`<p>Each row is a limit that would have let other quarters through than the row above. Error is that of the forecast that would have been live from the quarter's cutoff: the candidate's, or the champion's where the quarter escalates.</p>`,
    parts,
    html`<p class="note">One quarter at a time: every quarter has the champion and the other rules' verdicts of this replay, so what another limit would have changed later on is not followed up. With few quarters a difference may be luck.</p>`,
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

const limitsTable = ({ limits, rule, compared, n }: RuleSweep): Html =>
  table(
    `${rule} by limit; error over ${plural(compared, "quarter")} with a champion, n ${count(n)}`,
    [
      numberColumn("Limit"),
      numberColumn("Fires"),
      numberColumn("Escalations"),
      numberColumn("WMAPE of what is live"),
      numberColumn("To the runbook's"),
    ],
    limits.map(({ limit, fired, escalated, wmape, difference, isRunbook }) => [
      isRunbook ? `${limitText(limit)}, the runbook's` : limitText(limit),
      count(fired),
      count(escalated),
      percent(wmape, 2),
      points(difference, 2),
    ]),
  );
