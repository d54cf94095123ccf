import { join } from "node:path";
import { expect } from "vitest";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import type { Change } from "./healthy.js";
import { type Harm, type Row, WITHOUT_CHAMPION } from "./table.js";
import type { World } from "./world.js";

/** Hands that do on an MLflow server what retrain never does, by the calls that MLflow's own client makes. */
export function handsOn(uri: string) {
  type Answer = Record<string, Record<string, unknown>>;
  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const ledger = (model: string) => `${model}~moves`;
  const tagsOf = async (name: string) => {
    const { registered_model } = await call("GET", `registered-models/get?${new URLSearchParams({ name })}`);
    return (registered_model!.tags ?? []) as { readonly key: string; readonly value: string }[];
  };
  const files = (path: string) => `${uri}/api/2.0/mlflow-artifacts/artifacts/${path}`;
  return {
    deleteVersion: (name: string, version: string) =>
      call("DELETE", "model-versions/delete", { name, version }),
    deleteModel: (name: string) => call("DELETE", "registered-models/delete", { name }),
    deleteMove: (name: string, version: string) =>
      call("DELETE", "model-versions/delete", { name: ledger(name), version }),
    deleteLedger: (name: string) => call("DELETE", "registered-models/delete", { name: ledger(name) }),
    renameModel: (name: string, new_name: string) =>
      call("POST", "registered-models/rename", { name, new_name }),
    setAlias: (name: string, alias: string, version: string) =>
      call("POST", "registered-models/alias", { name, alias, version }),
    deleteAlias: (name: string, alias: string) => call("DELETE", "registered-models/alias", { name, alias }),
    setVersionTag: (name: string, version: string, key: string, value: string) =>
      call("POST", "model-versions/set-tag", { name, version, key, value }),
    deleteVersionTag: (name: string, version: string, key: string) =>
      call("DELETE", "model-versions/delete-tag", { name, version, key }),
    setModelTag: (name: string, key: string, value: string) =>
      call("POST", "registered-models/set-tag", { name, key, value }),
    deleteModelTag: (name: string, key: string) =>
      call("DELETE", "registered-models/delete-tag", { name, key }),
    /** Tags that hold moves of aliases, oldest first. */
    trail: async (name: string) =>
      (await tagsOf(name))
        .filter(({ key }) => key.startsWith("retrain.move."))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    deleteRun: (run_id: string) => call("POST", "runs/delete", { run_id }),
    restoreRun: (run_id: string) => call("POST", "runs/restore", { run_id }),
    /** Id of every experiment that a project's runs go to, which is there. */
    experiments: async (name: string) => {
      const { experiments } = await call("POST", "experiments/search", {
        max_results: 1000,
        filter: "tags.`retrain.experiment` = 'true'",
      });
      const found = (experiments ?? []) as unknown as { experiment_id: string; name: string }[];
      return found.filter((one) => one.name.startsWith(name)).map(({ experiment_id }) => experiment_id);
    },
    deleteExperiment: (experiment_id: string) => call("POST", "experiments/delete", { experiment_id }),
    restoreExperiment: (experiment_id: string) => call("POST", "experiments/restore", { experiment_id }),
    renameExperiment: (experiment_id: string, new_name: string) =>
      call("POST", "experiments/update", { experiment_id, new_name }),
    /** Flips a bit of a file of a version; answers what puts it back. */
    async damageFile(name: string, version: string, path: string) {
      const query = new URLSearchParams({ name, version });
      const { model_version } = await call("GET", `model-versions/get?${query}`);
      const root = (model_version!.source as string).replace(/^mlflow-artifacts:\/(\/[^/]*\/)?/, "");
      const url = files(`${root}/${path}`);
      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
      const put = async (body: Uint8Array<ArrayBuffer>) =>
        expect((await fetch(url, { method: "PUT", body })).ok).toBe(true);
      const damaged = bytes.slice();
      damaged[Math.floor(damaged.length / 2)]! ^= 1;
      await put(damaged);
      return () => put(bytes);
    },
  };
}
type Hands = ReturnType<typeof handsOn>;

const DIGEST = "retrain.registry.digest";
const RECORD = ["restore", "adopt the live one", "approve", "rollback"] as const;
const DAMAGED = ["remake", "restore", "approve", "rollback"] as const;

/** @param experiment the name of the experiments of a world */
export function serverRows(hands: Hands, experiment: (world: World) => string): readonly Row[] {
  const undone = (undo: () => Promise<unknown>): Harm => ({
    undo: async () => {
      await undo();
      return undefined;
    },
  });
  const deleteExperiments = async (world: World): Promise<Harm> => {
    const ids = await hands.experiments(experiment(world));
    for (const id of ids) await hands.deleteExperiment(id);
    return undone(async () => {
      for (const id of ids) await hands.restoreExperiment(id);
    });
  };
  const withTrail = async (
    { project: { model } }: World,
    change: (key: string, value: string) => unknown,
  ) => {
    const { key, value } = (await hands.trail(model)).at(-2)!;
    await change(key, value);
    return undone(() => hands.setModelTag(model, key, value));
  };
  return [
    {
      what: "the champion was deleted",
      isTypical: true,
      harm: async (world) => {
        await hands.deleteVersion(world.project.model, (await world.live()).version);
        return {};
      },
      gone: "version by moves",
      ways: ["restore", "rollback", "adopt VERSION", "adopt --none", "approve"],
      alsoDry: true,
    },
    {
      what: "the version before the champion was deleted",
      harm: async (world) => {
        await hands.deleteVersion(world.project.model, await world.before());
        return {};
      },
      gone: "version by moves",
      ways: ["restore", "approve"],
    },
    {
      what: "the champion's graph is damaged",
      isTypical: true,
      harm: async (world) => {
        const { name, version } = await world.live();
        return undone(await hands.damageFile(name, version, "model.onnx"));
      },
      gone: null,
      ways: DAMAGED,
    },
    {
      what: "the champion's digest is gone",
      harm: async (world) => {
        const { name, version, digest } = await world.live();
        await hands.deleteVersionTag(name, version, DIGEST);
        return undone(() => hands.setVersionTag(name, version, DIGEST, digest!));
      },
      gone: null,
      typed: ["remake", "restore"],
      ways: DAMAGED,
    },
    {
      what: "the champion's digest is another one",
      harm: async (world) => {
        const { name, version, digest } = await world.live();
        await hands.setVersionTag(name, version, DIGEST, `sha256:${"0".repeat(64)}`);
        return undone(() => hands.setVersionTag(name, version, DIGEST, digest!));
      },
      gone: null,
      typed: ["remake", "restore"],
      ways: DAMAGED,
    },
    {
      what: "the alias was deleted",
      harm: async (world) => {
        const { name, version } = await world.live();
        await hands.deleteAlias(name, world.project.alias);
        return undone(() => hands.setAlias(name, world.project.alias, version));
      },
      gone: "alias by moves",
      ways: ["restore", "adopt VERSION", "adopt --none", "approve"],
    },
    {
      what: "the alias has another name",
      harm: async (world) => {
        const { name, version } = await world.live();
        await hands.deleteAlias(name, world.project.alias);
        await hands.setAlias(name, "renamed", version);
        return undone(() => hands.setAlias(name, world.project.alias, version));
      },
      gone: "alias by moves",
      typed: ["restore"],
      ways: ["restore", "adopt VERSION", "adopt --none", "approve"],
    },
    {
      what: "the model was deleted",
      harm: async (world) => {
        await hands.deleteModel(world.project.model);
        return {};
      },
      gone: "version by moves",
      ways: WITHOUT_CHAMPION,
      // The new model counts from 1 again: a number that another model had is refused.
      typed: ["adopt --none", "approve"],
    },
    {
      what: "the model has another name",
      harm: async (world) => {
        const { model } = world.project;
        const other = `${world.fresh(model)}-old`;
        await hands.renameModel(model, other);
        return undone(async () => {
          await hands.deleteModel(model);
          await hands.renameModel(other, model);
        });
      },
      gone: "version by moves",
      typed: ["restore"],
      ways: WITHOUT_CHAMPION,
    },
    {
      what: "the model and its ledger were deleted",
      harm: async (world) => {
        await hands.deleteModel(world.project.model);
        await hands.deleteLedger(world.project.model);
        return {};
      },
      gone: "alias by run",
      ways: WITHOUT_CHAMPION,
    },
    {
      what: "a move in the tags of the model is gone",
      harm: (world) => withTrail(world, (key) => hands.deleteModelTag(world.project.model, key)),
      gone: null,
      ways: ["adopt VERSION", "restore"],
    },
    {
      what: "a move in the tags of the model was edited",
      isTypical: true,
      harm: (world) =>
        withTrail(world, (key, value) =>
          hands.setModelTag(world.project.model, key, value.replace('"at":"20', '"at":"19')),
        ),
      gone: null,
      typed: ["restore"],
      ways: ["adopt VERSION", "restore"],
    },
    {
      what: "a rollback was cut from the ledger and from the tags, and the alias set back",
      isTypical: true,
      harm: async (world) => {
        const { model, alias } = world.project;
        const { version } = await world.live();
        const words = { by: "Ada", reason: "it forecast too much" };
        const registry = await world.project.registry();
        const plan = await planRollback(registry, { model, alias, to: null }, words);
        if (!isPlan(plan)) throw new Error("it was rolled back before");
        await rollBack(registry, plan, words);
        const { key } = (await hands.trail(model)).at(-1)!;
        await hands.deleteModelTag(model, key);
        await hands.deleteMove(model, String(Number(key.split(".").at(-1))));
        await hands.setAlias(model, alias, version);
        return {};
      },
      gone: null,
      typed: ["adopt VERSION"],
      ways: ["adopt VERSION", "restore"],
    },
    {
      what: "the ledger was deleted, and the moves in the tags of the model",
      isTypical: true,
      harm: async ({ project: { model } }) => {
        await hands.deleteLedger(model);
        for (const { key } of await hands.trail(model)) await hands.deleteModelTag(model, key);
        return {};
      },
      gone: "moves by run",
      ways: ["restore", "adopt the live one", "approve"],
      alsoDry: true,
    },
    {
      what: "the champion's run was deleted",
      harm: async (world) => {
        const { runId } = await world.live();
        await hands.deleteRun(runId);
        return undone(() => hands.restoreRun(runId));
      },
      gone: "run by version",
      typed: ["restore"],
      ways: RECORD,
    },
    {
      what: "the experiment was deleted",
      harm: deleteExperiments,
      gone: "run by version",
      ways: RECORD,
      alsoDry: true,
    },
    {
      what: "the experiment was deleted, on a machine that has never run a quarter",
      isTypical: true,
      onEvery: true,
      harm: async (world) => {
        const { undo } = await deleteExperiments(world);
        const state = join(world.root, world.fresh("state"));
        const project = { ...world.project, state };
        return {
          project,
          undo: async () => {
            await undo!();
            return project;
          },
        };
      },
      gone: "run by version",
      typed: ["restore"],
      ways: RECORD,
    },
    {
      what: "the experiment and the champion were deleted",
      harm: async (world) => {
        await hands.deleteVersion(world.project.model, (await world.live()).version);
        await deleteExperiments(world);
        return {};
      },
      gone: "version by moves",
      typed: ["rollback", "adopt --none"],
      ways: ["restore", "rollback", "adopt VERSION", "adopt --none", "approve"],
    },
    {
      what: "everything was deleted, on a machine that has never run a quarter",
      isTypical: true,
      harm: async (world) => {
        await deleteExperiments(world);
        await hands.deleteModel(world.project.model);
        await hands.deleteLedger(world.project.model);
        return { project: { ...world.project, state: join(world.root, world.fresh("state")) } };
      },
      gone: "model by run",
      ways: WITHOUT_CHAMPION,
    },
  ];
}

/** What somebody may do on the server, and the next quarter promotes as ever. */
export function serverChanges(
  hands: Hands,
  experiment: (world: World) => string,
): Readonly<Record<string, Change>> {
  return {
    "an experiment with another name": async (world) => {
      const [id] = await hands.experiments(experiment(world));
      await hands.renameExperiment(id!, world.fresh(`${experiment(world)}-renamed`));
      return world.project;
    },
    "an alias that was set by hand to another version that is there": async (world) => {
      await hands.setAlias(world.project.model, world.project.alias, await world.before());
      return world.project;
    },
    "the moves in the tags of the model, of which the ledger tells": async ({ project }) => {
      for (const { key } of await hands.trail(project.model)) await hands.deleteModelTag(project.model, key);
      return project;
    },
    // After it, so that the ledger tells of every move until then.
    "a ledger that was deleted, of which the tags tell": async ({ project }) => {
      await hands.deleteLedger(project.model);
      return project;
    },
  };
}
