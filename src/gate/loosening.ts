import type { Decision, RuleResult } from "../kit/artifacts/decision.js";
import { monthsOf } from "./drift.js";
import { figure } from "./judge.js";
import { minNOf, minNPath } from "./min-n.js";
import { Rule } from "./rule-params.js";

/** One parameter that an earlier decision had otherwise. */
export interface RuleChange {
  readonly rule: string;
  /** Path of the parameter, e.g. `max` or `ks.statistic`; `removed` for a rule that is gone, `unreadable` for one of another program version. */
  readonly what: string;
  readonly before: number | null;
  readonly now: number | null;
  /** `unclear`: whether it is looser depends on the data, e.g. another reference. */
  readonly effect: "looser" | "unclear";
}

export interface EarlierPolicy {
  readonly quarter: string;
  readonly digest: string;
  readonly firstRelease: "promote" | "escalate";
  readonly rules: readonly unknown[];
}

/** A rule of the earlier decision that is not as strict any more, or may not be. */
export interface ChangedRule {
  readonly id: string;
  /** As it was; null where this program cannot read it. */
  readonly before: Rule | null;
  readonly changes: readonly RuleChange[];
}

/**
 * Rules that blocked then and have looser or other parameters now, or are gone. Rules that only warned could not stop anything, and stricter
 * parameters need no look.
 */
export function changedRules(earlier: EarlierPolicy, rules: readonly Rule[]): ChangedRule[] {
  const now = new Map(rules.map((rule) => [rule.id, rule]));
  return earlier.rules.flatMap((given): ChangedRule[] => {
    const parsed = Rule.safeParse(given);
    if (!parsed.success) {
      const id = idOf(given);
      return [{ id, before: null, changes: [change(id, "unreadable", "unclear")] }];
    }
    const before = parsed.data;
    if (before.severity !== "block") return [];
    const rule = now.get(before.id);
    const changes = rule === undefined ? [change(before.id, "removed", "looser")] : compare(before, rule);
    return changes.length === 0 ? [] : [{ id: before.id, before, changes }];
  });
}

const change = (rule: string, what: string, effect: RuleChange["effect"]): RuleChange => ({
  rule,
  what,
  before: null,
  now: null,
  effect,
});

function idOf(given: unknown): string {
  const id = typeof given === "object" && given !== null && "id" in given ? given.id : null;
  return typeof id === "string" ? id : "unknown";
}

/** Whether a larger figure is the looser one, by the last part of the parameter's path. */
const LARGER_IS_LOOSER: Readonly<Record<string, boolean>> = {
  max: true,
  min: false,
  maxAbs: true,
  maxIncrease: true,
  maxRelativeIncrease: true,
  maxAge: true,
  maxStale: true,
  statistic: true,
  alpha: false,
};

/** Words that are looser than any other, by parameter. */
const LOOSER_WORD: Readonly<Record<string, string>> = { severity: "warn", whenUnknown: "pass" };

function compare(before: Rule, now: Rule): RuleChange[] {
  const [was, is] = [leaves(before), leaves(now)];
  if (byOf(before) === byOf(now))
    for (const [of, rule] of [[was, before] as const, [is, now] as const]) {
      const minN = minNOf(rule);
      // A default that is written out is no change.
      if (minN !== null) of.set(minNPath(rule).join("."), minN);
    }
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((what): RuleChange[] => {
    const [old, current] = [was.get(what), is.get(what)];
    if (old === current) return [];
    const name = what.split(".").at(-1)!;
    if (name in LOOSER_WORD) return current === LOOSER_WORD[name] ? [change(before.id, what, "looser")] : [];
    const [a, b] = [numberOf(name, old), numberOf(name, current)];
    // A larger one turns a FAIL into an UNKNOWN, which may be excused. With a smaller one it depends on what comes out.
    if (name === "minN" && a !== null && b !== null)
      return [{ rule: before.id, what, before: a, now: b, effect: b > a ? "looser" : "unclear" }];
    const larger = LARGER_IS_LOOSER[name];
    if (a === null || b === null || larger === undefined) {
      return [{ ...change(before.id, what, "unclear"), before: a, now: b }];
    }
    return b > a === larger ? [{ rule: before.id, what, before: a, now: b, effect: "looser" }] : [];
  });
}

const byOf = (rule: Rule): string | undefined =>
  "ks" in rule ? rule.ks.by : "by" in rule ? rule.by : undefined;

/** Parameters by path; a list is one text. */
function leaves(value: object, prefix = ""): Map<string, string | number> {
  const found = new Map<string, string | number>();
  for (const [key, member] of Object.entries(value)) {
    const path = prefix + key;
    if (member === undefined) continue;
    if (typeof member === "object" && member !== null && !Array.isArray(member)) {
      for (const [inner, leaf] of leaves(member, `${path}.`)) found.set(inner, leaf);
    } else {
      found.set(path, typeof member === "number" ? member : JSON.stringify(member));
    }
  }
  return new Map([...found].map(([path, leaf]) => [path, typeof leaf === "string" ? unquoted(leaf) : leaf]));
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/, "$1");

function numberOf(name: string, value: string | number | undefined): number | null {
  if (typeof value === "number") return value;
  return name === "maxAge" && value !== undefined ? monthsOf(value) : null;
}

/** A changed rule, judged in this run as it was, beside what this run made of it. */
export interface Replayed {
  readonly changed: ChangedRule;
  /** Null where it could not be judged. */
  readonly before: RuleResult | null;
  readonly now: RuleResult | null;
  /** The most observations that each of its tests as they were ever had on this panel; null where nothing bounds them. */
  readonly reach: readonly { readonly n: number }[] | null;
}

/** Whether the old rule would have stopped this promotion and the new one does not. */
const isRescued = ({ changed, before, now }: Replayed): boolean =>
  changed.changes.length > 0 && (before === null || before.blocks) && now?.blocks !== true;

/**
 * Without the changes of a rule that was UNKNOWN and could be nothing else on this panel: no limit of it has ever held anything back. What asks for
 * still more observations, excuses the UNKNOWN or switches the rule off stays. It counts for the one change that makes the rule measurable.
 */
function withoutUnmeasured(one: Replayed): Replayed {
  const { changed, before, reach } = one;
  if (changed.before === null || before?.verdict !== "UNKNOWN" || reach === null || reach.length === 0)
    return one;
  const need = minNOf(changed.before) ?? 0;
  const isExempt = (what: string, effect: RuleChange["effect"]): boolean => {
    const name = what.split(".").at(-1)!;
    if (name in LOOSER_WORD || what === "removed") return false;
    const isMinN = name === "minN";
    if (isMinN && effect === "looser") return false;
    // Where only some tests were out of reach, the limit of the others did hold.
    return reach.every(({ n }) => n < need) || (isMinN && reach.some(({ n }) => n < need));
  };
  const changes = changed.changes.filter(({ what, effect }) => !isExempt(what, effect));
  return { ...one, changed: { ...changed, changes } };
}

export interface Loosening {
  readonly loosened: Decision["loosened"];
  /** A result that blocks, where a looser rule is what lets this candidate pass; else null. */
  readonly result: RuleResult | null;
}

/**
 * What the runbook holds more loosely than the decision of the quarter before. Where the old rule would have stopped this candidate, that is a rescue: a
 * person has to approve it. A change that may go either way is listed only then.
 */
export function judgeLoosening(
  earlier: EarlierPolicy,
  given: readonly Replayed[],
  letsFirstReleaseGo: boolean,
): Loosening {
  const replayed = given.map(withoutUnmeasured);
  const rescued = replayed.filter(isRescued);
  const changes = replayed.flatMap((one) =>
    one.changed.changes.filter(({ effect }) => effect === "looser" || rescued.includes(one)),
  );
  const firstRelease =
    earlier.firstRelease === "escalate" && letsFirstReleaseGo
      ? [{ rule: "first-release", what: "removed", before: null, now: null }]
      : [];
  const loosened = [...changes, ...firstRelease].map(({ rule, what, before, now }) => ({
    rule,
    what,
    before,
    now,
    decision: earlier.digest,
  }));
  const sentences = [
    ...rescued.map((one) => sentence(one)),
    ...firstRelease.map(() => "first-release: the first version escalated then"),
  ];
  if (sentences.length === 0) return { loosened, result: null };
  return {
    loosened,
    result: {
      id: "limits-loosened",
      kind: "limits",
      verdict: "FAIL",
      severity: "block",
      blocks: true,
      metric: "limits.loosened",
      observed: sentences.length,
      limit: 0,
      direction: "max",
      n: null,
      why: "limits-loosened",
      detail: `looser than in the decision of ${earlier.quarter}, which would have stopped this candidate: ${sentences.join("; ")}`,
      interval: null,
      by: null,
      groups: [],
    },
  };
}

function sentence({ changed, before }: Replayed): string {
  const changes = changed.changes.map(({ what, before: was, now }) =>
    was === null && now === null ? what : `${what} ${words(was)} is ${words(now)} now`,
  );
  const then =
    before === null
      ? "cannot be judged as it was"
      : `${before.verdict} as it was${before.observed === null ? "" : ` (${figure(before.observed)})`}`;
  return `${changed.id}: ${changes.join(", ")}; ${then}`;
}

const words = (value: number | null): string => (value === null ? "none" : figure(value));
