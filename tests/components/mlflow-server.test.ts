import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithOwnMlflow, SAMPLED_BACKENDS } from "../support/mlflow/require.js";
import { startMlflow, type TestMlflow } from "../support/mlflow/server.js";

const API = "api/2.0/mlflow/experiments";

for (const backend of SAMPLED_BACKENDS)
  await describeWithOwnMlflow(`an MLflow server of a test's own, on ${backend}`, backend, () => {
    let mlflow: TestMlflow;
    beforeAll(async () => {
      mlflow = await startMlflow({ backend });
    }, 180_000);
    afterAll(() => mlflow.stop(), 60_000);

    test("is killed, comes back at the same address with what it knew, and ends", async () => {
      const created = await fetch(`${mlflow.uri}/${API}/create`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "kept" }),
      });
      expect(created.status).toBe(200);
      await mlflow.kill9();
      await expect(fetch(`${mlflow.uri}/health`)).rejects.toThrow();
      await mlflow.restart();
      const known = await fetch(`${mlflow.uri}/${API}/get-by-name?experiment_name=kept`);
      expect(await known.json()).toMatchObject({ experiment: { name: "kept" } });
      await mlflow.stop();
      await expect(fetch(`${mlflow.uri}/health`)).rejects.toThrow();
    }, 180_000);
  });
