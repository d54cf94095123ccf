import type { Engine, RunRequest } from "../engine/engine.js";

/** Earlier runs that are looked at: what took a year ago tells nothing. */
const MOST_RUNS = 5;

/** Seconds that each step took the last time that a run of the model ran it, by step id. It is for a person who waits; no result knows of it. */
export async function usualSeconds(
  { runs }: Pick<Engine, "runs">,
  { graph, scope }: Pick<RunRequest, "graph" | "scope">,
): Promise<ReadonlyMap<string, number>> {
  const own = (await runs.list()).filter(({ header }) => header.model === scope.model.name);
  const usual = new Map<string, number>();
  for (const { header } of own.slice(-MOST_RUNS))
    for (const { id } of graph.nodes) {
      const record = await runs.stepRecord(header.run, id);
      if (record !== null) usual.set(id, record.seconds);
    }
  return usual;
}
