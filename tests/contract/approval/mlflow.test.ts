import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { listApprovals } from "../../../src/history/approvals.js";
import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { startFaultProxy } from "../../support/mlflow/fault-proxy.js";
import { describeWithMlflow, SAMPLED_BACKENDS } from "../../support/mlflow/require.js";
import { FULL } from "../../support/thorough.js";
import { answersContract, escalated, refusalOf } from "../../unit/approval/answers.js";
import { ALIAS, ANYBODY, benchOver, NOW, words } from "../../unit/approval/approval-bench.js";
import { AGAIN, decisionsByModel } from "../../unit/approval/by-model.js";
import {
  adoptAs,
  adoptionContract,
  adoptionKills,
  champion,
  type VandalisedBench,
} from "../../unit/operations/adoptions.js";
import { openServer } from "../registry/support/mlflow-server.js";

for (const backend of SAMPLED_BACKENDS)
  describeWithMlflow(`what people decide, on MLflow on ${backend}`, backend, (uri) => {
    let made = 0;
    /** Machines that share a model, each with the server's address or one of its own. */
    async function machines(count: number, addresses: readonly string[] = []) {
      // What begins so is left alone by the suites that empty the server.
      const model = `e2e-approval-${process.pid}-${Date.now()}-${made++}`;
      const folder = await mkdtemp(join(tmpdir(), "retrain-approval-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      // Approvals of the bench are made, and expire, in the time of NOW.
      const clock = { now: () => NOW, monotonic: () => performance.now() };
      const open = async (_: unknown, machine: number) => {
        const place = await openServer(addresses[machine] ?? uri, model);
        return benchOver(mlflowRegistry({ ...place, clock }), model, folder);
      };
      return Promise.all(Array.from({ length: count }, open));
    }

    answersContract(async () => (await machines(1))[0]!);
    // What the store has no part in stands in the unit tests: one that is the model, and on one store one that is not.
    const [same, , , other] = AGAIN;
    decisionsByModel(async () => (await machines(1))[0]!, backend === "sqlite" ? [same!, other!] : [same!]);

    const vandalised = async (): Promise<VandalisedBench> => {
      const bench = (await machines(1))[0]!;
      const call = async (path: string, body: object) => {
        const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
          method: "DELETE",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: bench.model, ...body }),
        });
        if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      };
      return {
        ...bench,
        deleteVersion: (version) => call("model-versions/delete", { version }),
        loseAlias: () => call("registered-models/alias", { alias: ALIAS }),
      };
    };
    describe("adoption", () => {
      adoptionContract(vandalised);

      test("a number that came back with a model that was made again is not the old version", async () => {
        const bench = (await machines(1))[0]!;
        const { registry, model } = bench;
        for (const name of ["r1", "r2"]) await bench.promote(await bench.version(name));
        const response = await fetch(`${uri}/api/2.0/mlflow/registered-models/delete`, {
          method: "DELETE",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: model }),
        });
        expect(response.ok).toBe(true);
        const other = (files: Map<string, string | Uint8Array>) => files.set("note.txt", "another model");
        for (const name of ["r3", "r4"]) await bench.version(name, other);
        expect((await registry.listVersions(model)).map(({ version }) => version)).toEqual(["1", "2"]);
        const candidate = { name: model, alias: "candidate", to: "2", by: "t", reason: "", decision: null };
        await registry.moveAlias({ ...candidate, key: "candidate" });
        expect(await champion(bench)).toBe("missing");
        for (const version of ["1", "2"])
          expect(await refusalOf(adoptAs(bench, version))).toMatchObject({ kind: "replaced", version });
        expect(await registry.getAlias(model, ALIAS)).toBeNull();
        expect(await adoptAs(bench, null)).toBe("left-behind");
        expect(await champion(bench)).toBe("none");
        const promoted = {
          name: model,
          alias: ALIAS,
          to: "2",
          expected: null,
          by: "t",
          reason: "",
          decision: null,
        };
        expect(await registry.moveAlias({ ...promoted, key: "promote best sha256:new" })).toMatchObject({
          outcome: "moved",
        });
        expect(await registry.getAlias(model, ALIAS)).toBe("2");
        expect(await champion(bench)).toBe("sound 2");
      });
      // The server cannot tell a process that dies before a change from one that dies after the change before it.
      if (process.env.RETRAIN_TEST_KILLS === "all") adoptionKills(vandalised, 12, ["before", "after"]);
      else if (FULL) adoptionKills(vandalised, 12, ["before"]);
    });

    test("two machines approve at once: one move in the trail, both on record", async () => {
      const [one, two] = await machines(2);
      await escalated(one!);
      const answers = await Promise.all(
        [one!, two!].map(async (bench, i) =>
          approve(bench.registry, await bench.subject("r2"), ANYBODY, words(["Ada", "Ben"][i]!), NOW),
        ),
      );
      expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["already", "approved"]);
      expect(answers.map(({ live }) => live)).toEqual(["2", "2"]);
      expect(await one!.trail()).toHaveLength(2);
      const people = (await listApprovals(two!.registry, two!.model)).map(({ by }) => by);
      expect(people.sort()).toEqual(["Ada", "Ben"]);
    });

    describe("a move that was decided, and the alias did not follow", () => {
      /** Two machines of one model; the first one's changes of aliases fail, as where a kill comes right before them. */
      async function cutOff() {
        const proxy = await startFaultProxy(uri);
        onTestFinished(() => proxy.stop());
        const [broken, whole] = await machines(2, [proxy.uri, uri]);
        const path = /registered-models\/alias$/;
        const fault = { kind: "answer", status: 403, body: "no" } as const;
        return {
          broken: broken!,
          whole: whole!,
          cut: () => proxy.inject({ fault, method: "POST", path, on: "all" }),
        };
      }

      test("an approval goes on when it is typed again", async () => {
        const { broken, whole, cut } = await cutOff();
        await escalated(whole);
        cut();
        const approveOn = async ({ registry, subject }: typeof whole) =>
          approve(registry, await subject("r2"), ANYBODY, words("Ada"), NOW);
        await expect(approveOn(broken)).rejects.toThrow();
        expect(await whole.registry.getAlias(whole.model, ALIAS)).toBe("1");
        expect(await approveOn(whole)).toMatchObject({ outcome: "already", live: "2" });
        expect(await whole.registry.getAlias(whole.model, ALIAS)).toBe("2");
        expect(await whole.trail()).toEqual(["none→1 by retrain", "1→2 by Ada"]);
        expect(await listApprovals(whole.registry, whole.model)).toHaveLength(1);
      });

      test("a rollback goes on, and does not step back once more", async () => {
        const { broken, whole, cut } = await cutOff();
        for (const name of ["r1", "r2", "r3"]) await whole.promote(await whole.version(name));
        cut();
        const said = { by: "Ada", reason: "wrong" };
        const rollBackOn = async ({ registry, model }: typeof whole) => {
          const plan = await planRollback(registry, { model, alias: ALIAS, to: null }, said);
          return isPlan(plan) ? rollBack(registry, plan, said) : plan;
        };
        await expect(rollBackOn(broken)).rejects.toThrow();
        expect(await whole.registry.getAlias(whole.model, ALIAS)).toBe("3");
        expect(await rollBackOn(whole)).toMatchObject({ outcome: "already", record: { version: "2" } });
        expect(await whole.registry.getAlias(whole.model, ALIAS)).toBe("2");
        expect((await whole.trail()).slice(3)).toEqual(["3→2 by Ada"]);
        expect(await rollBackOn(whole)).toMatchObject({ outcome: "already", record: { version: "2" } });
      });

      test("one that was carried out, and moved back by hand, stays where it is", async () => {
        const [bench] = await machines(1);
        await escalated(bench!);
        const approveIt = async () =>
          approve(bench!.registry, await bench!.subject("r2"), ANYBODY, words("Ada"), NOW);
        await approveIt();
        const response = await fetch(`${uri}/api/2.0/mlflow/registered-models/alias`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: bench!.model, alias: ALIAS, version: "1" }),
        });
        expect(response.ok).toBe(true);
        expect(await refusalOf(approveIt())).toMatchObject({ kind: "promoted", live: "1" });
        expect(await bench!.registry.getAlias(bench!.model, ALIAS)).toBe("1");
      });
    });

    test("the longest reason of four-byte characters is kept whole", async () => {
      const [bench] = await machines(1);
      await escalated(bench!);
      const reason = "🧭".repeat(1000);
      await approve(bench!.registry, await bench!.subject("r2"), ANYBODY, words("Ada", reason), NOW);
      const [again] = await listApprovals(bench!.registry, bench!.model);
      expect(again!.reason).toBe(reason);
      const moves = await bench!.registry.aliasHistory(bench!.model);
      expect(moves.at(-1)!.reason).toBe(`overrides accuracy, drift: ${reason}`);
    });

    test("two machines roll back at once: one step back", async () => {
      const [one, two] = await machines(2);
      for (const name of ["r1", "r2", "r3"]) await one!.promote(await one!.version(name));
      const answers = await Promise.all(
        [one!, two!].map(async ({ registry, model }, i) => {
          const said = { by: ["Ada", "Ben"][i]!, reason: "wrong" };
          const plan = await planRollback(registry, { model, alias: ALIAS, to: null }, said);
          return refusalOf(isPlan(plan) ? rollBack(registry, plan, said) : Promise.resolve(plan));
        }),
      );
      expect(JSON.stringify(answers)).toContain("rolled-back");
      expect(answers).toContainEqual({ kind: "moved", expected: "3", live: "2" });
      expect((await one!.trail()).slice(3)).toHaveLength(1);
      expect(await two!.registry.getAlias(two!.model, ALIAS)).toBe("2");
    });
  });
