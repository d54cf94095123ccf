import { DRILL_QUARTERS } from "./project.js";

export const CHANNELS = ["first", "second"] as const;

/** One run that is killed again and again. The first quarter is in the registry already, so a champion is live. */
export interface Scenario {
  readonly name: string;
  readonly quarter: string;
  readonly set: readonly string[];
  /** Moments before this journal line are those of an earlier scenario and are not repeated; null repeats nothing. */
  readonly from: string | null;
  /** What the uninterrupted run must come to, so that a drill of the wrong thing is noticed. */
  readonly expect: {
    readonly verdict: "promoted" | "escalated";
    readonly versions: number;
    readonly moves: number;
    readonly notifications: number;
  };
}

const [, SECOND] = DRILL_QUARTERS;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "promoted",
    quarter: SECOND,
    set: [],
    from: null,
    expect: { verdict: "promoted", versions: 2, moves: 2, notifications: 0 },
  },
  {
    name: "escalated",
    quarter: SECOND,
    set: ["gate.rules.0.max=0"],
    from: "append step-started gate",
    expect: { verdict: "escalated", versions: 2, moves: 1, notifications: CHANNELS.length },
  },
];
