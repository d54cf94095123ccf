import type { RunDetails } from "../../kit/registry.js";
import { mergeInputs, mergePoints } from "../run-values.js";
import { allPages, answer } from "./api.js";
import { keyOf, OWN } from "./keys.js";
import { InputRecord, pointsSince } from "./run-records.js";
import { Answers, type Metric, type Run } from "./schemas.js";
import type { Store } from "./store.js";
import { valuesOf } from "./values.js";

export async function detailsOf(store: Store, run: Run): Promise<Pick<RunDetails, "points" | "inputs">> {
  const values = await valuesOf(store, run);
  const inputs = values
    .ownBelow(OWN.input)
    .map(([name, text]) => ({ name, ...InputRecord.parse(JSON.parse(text)) }));
  const since = Object.entries(pointsSince(values.own(OWN.points)));
  const points = since.map(async ([name, first]) => {
    const history = await historyOf(store, run.info.run_id, keyOf(name).key);
    return history
      .filter(({ timestamp, value }) => timestamp >= first && Number.isFinite(value))
      .sort((a, b) => a.timestamp - b.timestamp)
      .map(({ step, value }) => ({ name, step, value }));
  });
  return { points: mergePoints((await Promise.all(points)).flat(), []), inputs: mergeInputs(inputs, []) };
}

async function historyOf(store: Store, runId: string, key: string): Promise<readonly Metric[]> {
  const pages = await allPages((token) =>
    answer(
      "metrics/get-history",
      Answers.history,
      store.api.client.GET("/api/2.0/mlflow/metrics/get-history", {
        params: { query: { run_id: runId, metric_key: key, max_results: 25_000, ...token } },
      }),
    ),
  );
  return pages.flatMap(({ metrics }) => metrics);
}
