import type { ReplayedQuarter } from "../../backtest/replayed.js";
import type { RunEvent } from "../../kit/events.js";
import { count, percent, seconds } from "../../report/format.js";
import { cut, oneLine } from "../../report/text.js";
import { VERDICT_WORDS } from "../../report/verdict.js";
import type { Terminal } from "../terminal.js";

/** Back to the first column and clear the line. */
const CLEAR = "\r\u001b[2K";

/** One line a quarter on standard error; on a terminal the quarter that runs is shown with its step. */
export function backtestProgress(terminal: Terminal, total: number) {
  const { talk, talkStyle, isTalkTty } = terminal;
  let current = "";
  let done = 0;
  let isDrawn = false;
  const erase = (): void => {
    if (isDrawn) talk(CLEAR);
    isDrawn = false;
  };
  const draw = (step: string): void => {
    if (!isTalkTty) return;
    const line = `  ${current}  quarter ${done + 1} of ${total}${step === "" ? "" : `, ${step}`}`;
    talk(`${isDrawn ? CLEAR : ""}${talkStyle.chalk.dim(cut(line, talkStyle.width - 1))}`);
    isDrawn = true;
  };
  return {
    onStarted(quarter: string): void {
      current = quarter;
      draw("");
    },
    onEvent(event: RunEvent): void {
      if (event.type === "step-started") draw(event.step);
    },
    onQuarter(quarter: ReplayedQuarter, isKept: boolean): void {
      erase();
      done++;
      talk(`  ${quarterLine(quarter, isKept)}\n`);
    },
    close: erase,
  };
}

function quarterLine(replayed: ReplayedQuarter, isKept: boolean): string {
  const { quarter, verdict, failure, scores } = replayed;
  const head = `${quarter} ${VERDICT_WORDS[verdict].title.toLowerCase()}`;
  if (failure !== null) return `${head}: ${failure.step}: ${oneLine(failure.title)}`;
  const total = scores?.total;
  const score =
    total === undefined || total.n === 0
      ? "no actuals after its cutoff yet"
      : `WMAPE ${percent(total.wmape)}, naive ${percent(total.naive.wmape)}, n ${count(total.n)}`;
  return `${head}: ${score}, ${isKept ? "replayed before" : seconds(replayed.seconds)}`;
}
