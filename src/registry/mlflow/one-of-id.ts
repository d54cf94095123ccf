import { fail } from "../../kit/failure.js";
import { answerUnless, MISSING, REPEATABLE } from "./api.js";
import { OWN } from "./keys.js";
import { Answers, type Run } from "./schemas.js";
import type { Store } from "./store.js";
import { findRun, tagsOf } from "./tracking.js";

type Verdict = "yes" | "no";

const REFUSED = ["INVALID_PARAMETER_VALUE"];
const ATTEMPTS = 5;

const verdictOf = (run: Run): string | undefined =>
  run.data.params.find(({ key }) => key === OWN.counts)?.value;

/** Of the runs of each id the one that counts; while none was settled on, the oldest. */
export function oneOfEach(runs: readonly Run[]): readonly Run[] {
  const chosen = new Map<string | undefined, Run>();
  for (const run of runs) {
    const id = tagsOf(run).get(OWN.id);
    const verdict = verdictOf(run);
    if (verdict === "yes" || (verdict !== "no" && !chosen.has(id))) chosen.set(id, run);
  }
  return [...chosen.values()];
}

interface Candidates {
  /** All runs of the id that are there, oldest first. */
  find(): Promise<readonly Run[]>;
  make(): Promise<Run>;
}

/**
 * The one run of an id, the same for every process that asks, whoever dies between two calls. MLflow makes two runs of one id without a word and its
 * times are the clients', so none of them is the first; but a param is written once. Whoever sees several says "no" to all but the oldest and then "yes" to that.
 *
 * Never two: a process that said "yes" to A has said "no" to all that it saw, so it did not see B, which was made later; whoever said "yes" to B
 * looked after that, and saw A.
 */
export async function settleRun(store: Store, { find, make }: Candidates): Promise<Run> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const runs = (await find()).filter((run) => verdictOf(run) !== "no");
    const settled = runs.find((run) => verdictOf(run) === "yes");
    if (settled !== undefined) return settled;
    const [oldest, ...others] = runs;
    if (oldest === undefined) {
      await make();
      continue;
    }
    const verdicts = await Promise.all(others.map((run) => judge(store, run, "no")));
    const other = others.find((_, index) => verdicts[index] === "yes");
    if (other !== undefined) return other;
    if ((await judge(store, oldest, "yes")) === "no") continue;
    await Promise.all(others.map((run) => discard(store, run)));
    return oldest;
  }
  const detail = `${ATTEMPTS} times others made and discarded a run with the same key`;
  return fail({ code: "registry.answer-unexpected", retryable: false, call: "runs/create", detail });
}

/** Says whether a run counts, unless somebody has said so before. What was said first stands, and is the answer. */
async function judge(store: Store, run: Run, verdict: Verdict): Promise<Verdict> {
  const { run_id } = run.info;
  const body = { run_id, key: OWN.counts, value: verdict };
  const call = store.api.client.POST("/api/2.0/mlflow/runs/log-parameter", { body, ...REPEATABLE });
  const done = await answerUnless([...REFUSED, ...MISSING], "runs/log-parameter", Answers.nothing, call);
  if (done !== null) return verdict;
  const now = await findRun(store, run_id);
  return now !== null && verdictOf(now) === "yes" ? "yes" : "no";
}

async function discard(store: Store, { info }: Run): Promise<void> {
  const body = { run_id: info.run_id };
  const call = store.api.client.POST("/api/2.0/mlflow/runs/delete", { body, ...REPEATABLE });
  // Refused for a run that another process has discarded.
  await answerUnless([...REFUSED, ...MISSING], "runs/delete", Answers.nothing, call);
}
