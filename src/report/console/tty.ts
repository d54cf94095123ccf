import type { RunEvent } from "../../kit/events.js";
import { cut, oneLine, pad, wrap } from "../text.js";
import { FRAME_MS } from "./bar.js";
import {
  type ActiveStep,
  activeLine,
  finishedLine,
  headerLine,
  isTelling,
  type Layout,
  layoutFor,
  retryWords,
} from "./lines.js";
import type { View, ViewOptions } from "./view.js";

/** Back to the first column and clear the line. */
const CLEAR = "\r\u001b[2K";

/** A line a step; the line of the step that runs is redrawn in place. */
export function ttyView({ stream, style, clock, usual }: ViewOptions): View {
  const active = new Map<string, ActiveStep>();
  const left: string[] = [];
  let steps = 0;
  let layout: Layout = layoutFor(style, []);
  let timer: NodeJS.Timeout | null = null;
  let drawn = false;

  const erase = () => {
    if (drawn) stream.write(CLEAR);
    drawn = false;
  };
  const draw = () => {
    const step = [...active.values()].at(-1);
    if (step === undefined) return;
    stream.write(`${drawn ? CLEAR : ""}${activeLine(layout, step, clock.monotonic())}`);
    drawn = true;
  };
  const print = (line: string) => {
    erase();
    stream.write(`${line}\n`);
  };
  /** Of the steps that have no end yet, the one that begins and those after it; null where an earlier run does not tell of each. */
  const restOf = (step: string): ActiveStep["rest"] => {
    const seconds = left.map((id) => usual().get(id));
    const own = usual().get(step);
    if (own === undefined || seconds.some((one) => one === undefined)) return null;
    return { step: own, after: seconds.reduce<number>((sum, one) => sum + one!, 0) - own };
  };
  const notice = (text: string) => {
    for (const [i, line] of wrap(text, style.width - layout.idWidth - 7).entries()) {
      const head = i === 0 ? style.chalk.yellow("!") : " ";
      print(`  ${head} ${" ".repeat(layout.idWidth)}  ${line}`);
    }
  };
  const spin = () => {
    if (active.size === 0) {
      if (timer !== null) clearInterval(timer);
      timer = null;
    } else if (timer === null) {
      timer = setInterval(draw, FRAME_MS);
      // The spinner must not keep the process alive.
      timer.unref();
    }
  };

  const show = (event: RunEvent): void => {
    switch (event.type) {
      case "run-started":
        layout = layoutFor(
          style,
          event.steps.map(({ id }) => id),
        );
        steps = event.steps.length;
        left.splice(0, left.length, ...event.steps.map(({ id }) => id));
        print(`${headerLine(layout, event)}\n`);
        break;
      case "step-started":
        if (isTelling(event.reason)) {
          const id = pad(cut(oneLine(event.step), layout.idWidth), layout.idWidth);
          for (const [i, line] of wrap(oneLine(event.reason), style.width - layout.idWidth - 7).entries())
            print(style.chalk.dim(`  ${i === 0 ? `→ ${id}` : " ".repeat(layout.idWidth + 2)}  ${line}`));
        }
        active.set(event.step, {
          id: event.step,
          number: steps - left.length + 1,
          of: steps,
          startedAt: clock.monotonic(),
          rest: restOf(event.step),
          progress: null,
        });
        break;
      case "step-progress": {
        const step = active.get(event.step);
        if (step !== undefined) active.set(event.step, { ...step, progress: event });
        break;
      }
      case "step-retrying":
        notice(retryWords(event));
        break;
      case "step-warned":
        notice(oneLine(event.message));
        break;
      case "step-finished":
        active.delete(event.step);
        if (left.includes(event.step)) left.splice(left.indexOf(event.step), 1);
        print(finishedLine(layout, { ...event, id: event.step }));
        break;
      case "run-finished":
        active.clear();
        erase();
        break;
    }
  };

  return {
    say(line) {
      print(style.chalk.dim(line));
      draw();
    },
    onEvent(event) {
      show(event);
      spin();
      draw();
    },
    close() {
      active.clear();
      spin();
      erase();
    },
  };
}
