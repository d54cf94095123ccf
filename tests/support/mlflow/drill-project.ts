import { expect } from "vitest";
import { writeDrillProject } from "../../../src/cli/drill/project.js";
import type { RunDocument } from "../../../src/report/run-document.js";
import { type CliOptions, type CliResult, retrain } from "../cli.js";

export interface DrillOnMlflow {
  /** `retrain quarter 2025Q2 --json`. */
  quarter(options?: Omit<CliOptions, "cwd">): Promise<CliResult>;
  /** Whatever happened on the way: one run, one version, one move of each alias. */
  expectOnce(): Promise<void>;
}

/**
 * The drill's project in a folder, with a name that nobody else has, so that its part of the server is empty.
 * @param through where the program finds the server
 * @param uri the server itself
 */
export function drillOnMlflow(cwd: string, name: string, through: string, uri: string): DrillOnMlflow {
  writeDrillProject(cwd, []);
  const set = [`registry.uri=${through}`, `model.name=${name}`, `name=${name}`].flatMap((value) => [
    "--set",
    value,
  ]);
  return {
    quarter: (options) => retrain(["quarter", "2025Q2", "--json", ...set], { ...options, cwd }),
    async expectOnce() {
      const direct = [...set, "--set", `registry.uri=${uri}`];
      const models = JSON.parse((await retrain(["models", "--json", ...direct], { cwd })).stdout) as {
        readonly aliases: Record<string, string>;
        readonly versions: readonly { readonly version: string; readonly status: string }[];
        readonly history: readonly { readonly alias: string; readonly to: string }[];
      };
      expect(models.versions.map(({ version, status }) => `${version} ${status}`)).toEqual(["1 ready"]);
      expect(models.aliases).toEqual({ best: "1", candidate: "1" });
      expect(models.history.map(({ alias, to }) => `${alias} ${to}`).sort()).toEqual([
        "best 1",
        "candidate 1",
      ]);
      expect(await keysOfRuns(uri, name)).toHaveLength(1);
    },
  };
}

/** What must be the same however often the way to it was interrupted. */
export function outcomeOf({ stdout }: CliResult): object {
  const { verdict, exitCode, steps, candidate, champion, decision, metrics } = JSON.parse(
    stdout,
  ) as RunDocument;
  const { digest: _ofThisModelName, ...judged } = decision!;
  return {
    verdict,
    exitCode,
    steps: steps.map(({ id, type, failure }) => ({ id, type, failure })),
    candidate: candidate!.version,
    champion,
    decision: judged,
    metrics,
  };
}

/** Runs of quarters in the experiment, not their parts. */
async function keysOfRuns(uri: string, experiment: string): Promise<readonly string[]> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as {
      experiments?: { experiment_id: string }[];
      runs?: { info: { run_id: string }; data: { tags: { key: string }[] } }[];
    };
  };
  const filter = `name = '${experiment}'`;
  const { experiments = [] } = await post("experiments/search", { max_results: 10, filter });
  const ids = experiments.map(({ experiment_id }) => experiment_id);
  const { runs = [] } = await post("runs/search", { experiment_ids: ids, max_results: 1000 });
  const own = runs.filter(({ data }) => !data.tags.some(({ key }) => key === "mlflow.parentRunId"));
  return own.map(({ info }) => info.run_id);
}
