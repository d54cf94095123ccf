import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDrillProject } from "../../src/cli/drill/project.js";
import { checkServer } from "../../src/registry/mlflow/http/check-server.js";
import { openConnection } from "../../src/registry/mlflow/http/connection.js";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
import { describeWithOwnMlflow } from "../support/mlflow/require.js";
import { startMlflow, type TestMlflow } from "../support/mlflow/server.js";
import { callAs, createUser, grantEdit, type User } from "../support/mlflow/users.js";

const MODEL = "drill";

await describeWithOwnMlflow("an MLflow server that asks for a password", "sqlite", () => {
  let mlflow: TestMlflow;
  let alice: User;
  let bob: User;
  let cwd: string;

  beforeAll(async () => {
    mlflow = await startMlflow({ backend: "sqlite", auth: true });
    alice = await createUser(mlflow.uri, mlflow.admin!, "alice");
    bob = await createUser(mlflow.uri, mlflow.admin!, "bob");
    cwd = tempFolder(afterAll);
    writeDrillProject(cwd, []);
  }, 180_000);
  afterAll(() => mlflow.stop(), 60_000);

  /** A home without credentials, unless a test writes some. */
  const home = (credentials?: string): string => {
    const folder = tempFolder();
    if (credentials !== undefined) {
      mkdirSync(join(folder, ".mlflow"));
      writeFileSync(join(folder, ".mlflow", "credentials"), credentials);
    }
    return folder;
  };
  const variables = ({ username, password }: User) => ({
    HOME: "/nonexistent",
    MLFLOW_TRACKING_USERNAME: username,
    MLFLOW_TRACKING_PASSWORD: password,
  });
  const options = (stateDir: string, env: Record<string, string>) =>
    [
      ["--set", `registry.uri=${mlflow.uri}`, "--set", `name=${MODEL}`, "--set", `model.name=${MODEL}`],
      { cwd, env: { RETRAIN_STATE_DIR: stateDir, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0", ...env } },
    ] as const;
  const models = (env: Record<string, string>) => {
    const [set, given] = options("models", env);
    return retrain(["models", "--json", ...set], given);
  };
  const quarter = (label: string, stateDir: string, user: User) => {
    const [set, given] = options(stateDir, variables(user));
    return retrainJson(["quarter", label, ...set], given);
  };

  describe("knows who asks", () => {
    test("by the variables, by ~/.mlflow/credentials, and by the address", async () => {
      const { username, password } = alice;
      const file = `[mlflow]\nmlflow_tracking_username = ${username}\nmlflow_tracking_password = ${password}\n`;
      const [byFile, byVariables] = await Promise.all([
        models({ HOME: home(file) }),
        models(variables(alice)),
      ]);
      for (const { exitCode, stdout, stderr } of [byFile, byVariables]) {
        expect(exitCode, stderr).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ versions: [] });
      }
      const address = new URL(mlflow.uri);
      Object.assign(address, { username, password });
      expect(await checkServer(await openConnection(address.href, {}))).toMatch(/^3\./);
    });

    test.each<[string, Record<string, string>, string, string]>([
      ["nobody", {}, "The MLflow server asks for credentials", "No credentials were sent."],
      [
        "a wrong password",
        { MLFLOW_TRACKING_USERNAME: "alice", MLFLOW_TRACKING_PASSWORD: "hush-hush-1" },
        "The MLflow server does not accept the credentials",
        "A user and a password were sent.",
      ],
    ])("%s is refused, and told what to set and what to run again", async (_who, env, title, sent) => {
      const { exitCode, stderr } = await models({ HOME: home(), ...env });
      const text = stderr.replace(/\s+/g, " ");
      expect(exitCode).toBe(1);
      expect(text).toContain(title);
      expect(text).toContain(`GET /version at ${mlflow.uri}`);
      expect(text).toContain("It answered 401");
      expect(text).toContain(sent);
      expect(text).toContain("Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
      expect(text).toContain("Then run `retrain models --json --set registry.uri=");
      expect(text).not.toContain("hush-hush");
    });
  });

  describe("lets its users do what is theirs", () => {
    beforeAll(async () => {
      const { exitCode, document, stderr } = await quarter("2025Q1", "alice", alice);
      expect(exitCode, stderr).toBe(0);
      expect(document).toMatchObject({ verdict: "promoted", champion: { before: null, after: "1" } });
    }, 180_000);

    test("a quarter as somebody who is no admin", async () => {
      const { stdout } = await models(variables(alice));
      expect(JSON.parse(stdout)).toMatchObject({
        aliases: { best: "1", candidate: "1" },
        versions: [{ version: "1", status: "ready" }],
        history: [
          { alias: "candidate", to: "1" },
          { alias: "best", to: "1" },
        ],
      });
    });

    test("another user reads, may not change, is told so, and goes on once they may", async () => {
      expect((await models(variables(bob))).stdout).toBe((await models(variables(alice))).stdout);
      const refused = await quarter("2025Q2", "bob", bob);
      const text = refused.stderr.replace(/\s+/g, " ");
      expect(refused.exitCode).toBe(1);
      expect(refused.document.verdict).toBe("failed");
      expect(text).toContain("The MLflow server does not permit this");
      expect(text).toContain("POST /api/2.0/mlflow/runs/create");
      expect(text).toContain("It answered 403: Permission denied");
      expect(text).toContain("Have this user given EDIT on the experiment, on the registered model");
      expect(text).not.toContain(bob.password);

      const experiment = await callAs<{ experiment: { experiment_id: string } }>(
        mlflow.uri,
        alice,
        `2.0/mlflow/experiments/get-by-name?experiment_name=${MODEL}`,
      );
      const grants = [
        ["experiment", experiment.experiment.experiment_id],
        ["registered_model", MODEL],
        ["registered_model", `${MODEL}~moves`],
      ] as const;
      for (const [type, id] of grants.slice(0, 2)) await grantEdit(mlflow.uri, alice, bob, type, id);
      const half = await quarter("2025Q2", "bob", bob);
      expect(half.exitCode).toBe(1);
      expect(half.stderr).toContain("POST /api/2.0/mlflow/model-versions/create");
      await grantEdit(mlflow.uri, alice, bob, ...grants[2]);
      const { exitCode, document, stderr } = await quarter("2025Q2", "bob", bob);
      expect(exitCode, stderr).toBe(0);
      expect(document.champion).toEqual({ before: "1", after: "2" });
      expect(JSON.parse((await models(variables(alice))).stdout)).toMatchObject({
        aliases: { best: "2", candidate: "2" },
        versions: [{ version: "1" }, { version: "2" }],
      });
    }, 240_000);
  });
});
