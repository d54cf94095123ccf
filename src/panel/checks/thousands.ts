import { periodLabel } from "../../calendar/period.js";
import type { SourcePanel } from "../source.js";
import { thousandsPoint } from "../thousands.js";
import { type Check, checkOf, type Finding } from "./check.js";

/** Targets such as `5.595` that stand for 5595: a point between thousands is read as a decimal point. It looks at the newest periods. */
export function thousandsCheck(source: SourcePanel, column: string): Check {
  const { panel } = source;
  const expected = `numbers of ${column} with a decimal point and no point between thousands`;
  const found = thousandsPoint(panel);
  if (found === null) return checkOf("thousands-point", expected, []);
  const findings = found.members.flatMap((s): Finding[] => {
    const rows: Finding[] = [];
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (found.meant.target[row] === panel.target[row] || Number.isNaN(panel.target[row]!)) continue;
      const [file, record, period] = [source.file[row]!, source.record[row]!, panel.period[row]!];
      rows.push({ file, record, series: panel.series[s]!, period, column });
    }
    return rows;
  });
  const label = (period: number) => periodLabel(period, panel.calendar);
  return checkOf("thousands-point", expected, findings, {
    broken: "warn",
    detail: `${findings.length} values of ${found.members.length} series from ${label(found.first)} to ${label(found.last)} look like thousands: three decimal places beside whole numbers of a thousand times their size`,
  });
}
