import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AliasMove, ModelRegistry } from "../../../../src/kit/registry.js";
import { damageOf } from "../../../../src/kit/soundness.js";
import type { Connection } from "../../../../src/registry/mlflow/http/connection.js";
import { mlflowRegistry } from "../../../../src/registry/mlflow/registry.js";
import { type ModelFiles, modelFiles } from "../../../support/model-files.js";
import { FULL } from "../../../support/thorough.js";
import { compileSource } from "./compiled-source.js";
import { emptyServer, openServer } from "./mlflow-server.js";

/** Where a process dies: before a change, or when the server has made it. */
export type Death = "before" | "after";

/** What only a server can show: races between processes, moves by hand, and processes that die at any of their changes. */
export function mlflowBehaviour(name: string, uri: string, deaths: readonly Death[]): void {
  describe(`${name}: aliases and crashes`, () => {
    let experiment: string;
    let registry: ModelRegistry;
    let runId: string;
    beforeEach(async () => {
      await emptyServer(uri);
      experiment = `retrain race ${process.pid}-${performance.now()}`;
      registry = mlflowRegistry(await openServer(uri, experiment));
      ({ runId } = await registry.ensureRun(RUN));
    });
    const RUN = { key: "k", model: "demand", name: "n", quarter: "2025Q1", cutoff: "2025-03-31", tags: {} };
    const version = async (key: string, into = registry) =>
      (await into.ensureVersion({ name: "demand", key, runId, description: "", tags: {} })).version;
    const request = (to: string, key: string, more: { expected?: string | null; alias?: string } = {}) => ({
      name: "demand",
      alias: "best",
      to,
      by: "b",
      reason: "r",
      decision: null,
      key,
      ...more,
    });
    const rest = (method: string, path: string, body: object) =>
      fetch(`${uri}/api/2.0/mlflow/${path}`, {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const text = (moves: readonly AliasMove[]) => moves.map(({ from, to, by }) => [from, to, by]);

    describe("several processes", () => {
      let compiled: Awaited<ReturnType<typeof compileSource>>;
      beforeAll(async () => {
        compiled = await compileSource(["kit", "durable", "registry", "stats"]);
      });
      afterAll(() => compiled.remove());

      test("one winner of each round, and a trail with no lost and no double move", async () => {
        const [processes, rounds] = [3, FULL ? 20 : 8];
        for (const key of ["a", "b", "c"]) await version(key);
        const script = `
        import { nodeFiles } from "./src/durable/node-files.js";
        import { openConnection } from "./src/registry/mlflow/http/connection.js";
        import { mlflowRegistry } from "./src/registry/mlflow/registry.js";
        const [uri, me, rounds] = process.argv.slice(2).map((arg) => JSON.parse(arg));
        const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
        const connection = await openConnection(uri, {});
        const place = { connection, files: nodeFiles(), clock, experiment: "race", user: "u" };
        const registry = mlflowRegistry(place);
        const won = [];
        for (let round = 0; round < rounds; round++) {
          // Everybody of a round expects what the round before it left, and sees the end of the round before the next.
          const moves = (await registry.aliasHistory("demand")).length;
          const expected = moves < round ? null : (await registry.aliasHistory("demand"))[round - 1]?.to ?? null;
          while ((await registry.aliasHistory("demand")).length < round) await new Promise((r) => setTimeout(r, 10));
          const before = round === 0 ? null : (await registry.aliasHistory("demand"))[round - 1].to;
          const to = String((round % 3) + 1);
          const result = await registry.moveAlias({
            name: "demand", alias: "best", to, expected: before, by: me, reason: "r", decision: null, key: me + " " + round,
          });
          if (result.outcome === "moved") won.push(round);
        }
        console.log(JSON.stringify(won));`;
        const children = Array.from({ length: processes }, (_, index) =>
          compiled.start(script, uri, `p${index}`, rounds),
        );
        const won = (await Promise.all(children.map((child) => child.output))).map(
          (output) => JSON.parse(output) as number[],
        );
        expect(won.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rounds }, (_, round) => round));
        const history = await registry.aliasHistory("demand");
        expect(history.map(({ from, to }) => [from, to])).toEqual(
          Array.from({ length: rounds }, (_, round) => [
            round === 0 ? null : String(((round - 1) % 3) + 1),
            String((round % 3) + 1),
          ]),
        );
        expect(history.map(({ by, key }) => key.startsWith(`${by} `))).not.toContain(false);
        for (const [index, rounds] of won.entries())
          expect(history.filter(({ by }) => by === `p${index}`)).toHaveLength(rounds.length);
        expect(await registry.getAlias("demand", "best")).toBe(String(((rounds - 1) % 3) + 1));
      }, 240_000);
    });

    test("a move by hand is a fact: compare-and-set counts it, and the history says whose it was", async () => {
      for (const key of ["a", "b", "c"]) await version(key);
      await registry.moveAlias(request("1", "k1"));
      await rest("POST", "registered-models/alias", { name: "demand", alias: "best", version: "2" });
      expect(await registry.moveAlias(request("3", "k2", { expected: "1" }))).toEqual({
        outcome: "conflict",
        current: "2",
      });
      expect(await registry.moveAlias(request("3", "k2", { expected: "2" }))).toMatchObject({
        outcome: "moved",
      });
      expect(text(await registry.aliasHistory("demand"))).toEqual([
        [null, "1", "b"],
        ["1", "2", "outside of retrain"],
        ["2", "3", "b"],
      ]);
      await rest("DELETE", "registered-models/alias", { name: "demand", alias: "best" });
      expect(await registry.moveAlias(request("1", "k3", { expected: null }))).toMatchObject({
        outcome: "moved",
      });
      expect((await registry.aliasHistory("demand")).at(-1)).toMatchObject({ from: null, to: "1" });
    });

    test("a ledger that somebody deleted is begun anew: earlier moves and keys still count", async () => {
      for (const key of ["a", "b"]) await version(key);
      await registry.moveAlias(request("1", "k1"));
      await registry.moveAlias(request("2", "k2"));
      expect((await rest("DELETE", "registered-models/delete", { name: "demand~moves" })).ok).toBe(true);
      expect(await registry.moveAlias(request("1", "k1"))).toMatchObject({ outcome: "already" });
      expect(await registry.moveAlias(request("1", "k3", { expected: "2" }))).toMatchObject({
        outcome: "moved",
      });
      expect((await registry.aliasHistory("demand")).map(({ key }) => key)).toEqual(["k1", "k2", "k3"]);
    });

    describe("the trail", () => {
      const tag = (number: number) => `retrain.move.${String(number).padStart(10, "0")}`;
      const tags = async () => {
        const answer = await fetch(`${uri}/api/2.0/mlflow/registered-models/get?name=demand`);
        const { registered_model } = (await answer.json()) as {
          registered_model: { tags: { key: string; value: string }[] };
        };
        return new Map(registered_model.tags.map(({ key, value }) => [key, value]));
      };
      const set = (key: string, value: string) =>
        rest("POST", "registered-models/set-tag", { name: "demand", key, value });
      const remove = (key: string) => rest("DELETE", "registered-models/delete-tag", { name: "demand", key });
      const threeMoves = async () => {
        for (const key of ["a", "b"]) await version(key);
        for (const [i, to] of ["1", "2", "1"].entries()) await registry.moveAlias(request(to, `k${i + 1}`));
        return tags();
      };
      const keysOf = async () =>
        (await mlflowRegistry(await openServer(uri, experiment)).aliasHistory("demand")).map(
          ({ key }) => key,
        );
      const CHANGES: readonly [string, (before: ReadonlyMap<string, string>) => Promise<unknown>][] = [
        ["edited", (before) => set(tag(2), before.get(tag(2))!.replace('"to":"2"', '"to":"1"'))],
        ["edited at its end", (before) => set(tag(3), before.get(tag(3))!.replace('"to":"1"', '"to":"2"'))],
        ["removed", () => remove(tag(2))],
        ["first removed", () => remove(tag(1))],
        ["swapped", (before) => set(tag(2), before.get(tag(3))!)],
        ["without its hash", (before) => set(tag(2), before.get(tag(2))!.replace(/,"hash":"[^"]*"/, ""))],
        ["no JSON", () => set(tag(1), "{")],
      ];

      test.each(CHANGES)("a move %s is noticed, and a person's word mends it", async (_name, change) => {
        const before = await threeMoves();
        await change(before);
        const damaged = { failure: { code: "registry.trail-damaged", name: "demand" } };
        const seen = mlflowRegistry(await openServer(uri, experiment));
        for (const reader of [registry, seen]) {
          await expect(reader.aliasHistory("demand")).rejects.toMatchObject(damaged);
          await expect(reader.moveAlias(request("2", "k4"))).rejects.toMatchObject(damaged);
        }
        const adopt = { ...request("2", "adopt"), mend: true };
        expect(await seen.moveAlias(adopt)).toMatchObject({ outcome: "moved", move: { to: "2" } });
        expect(await keysOf()).toEqual(["k1", "k2", "k3", "adopt"]);
        expect(await seen.getAlias("demand", "best")).toBe("2");
        expect([...(await tags()).keys()].some((key) => key.startsWith("retrain.set-aside."))).toBe(true);
      });

      test("an entry removed at the end comes back from the ledger", async () => {
        await threeMoves();
        const trail = await registry.trail("demand");
        await remove(tag(3));
        expect(await keysOf()).toEqual(["k1", "k2", "k3"]);
        expect(await registry.trail("demand")).toEqual(trail);
        await registry.moveAlias(request("2", "k4"));
        expect(await keysOf()).toEqual(["k1", "k2", "k3", "k4"]);
      });

      const ofLedger = (number: number, more: object = {}) => ({
        name: "demand~moves",
        version: String(number),
        ...more,
      });
      const entry = async (number: number) => {
        const query = new URLSearchParams(ofLedger(number));
        const answer = await fetch(`${uri}/api/2.0/mlflow/model-versions/get?${query}`);
        const { model_version } = (await answer.json()) as {
          model_version: { tags: { key: string; value: string }[] };
        };
        return model_version.tags.find(({ key }) => key === "retrain.move")!.value;
      };
      const write = (number: number, value: string) =>
        rest("POST", "model-versions/set-tag", ofLedger(number, { key: "retrain.move", value }));
      const erase = (number: number) => rest("DELETE", "model-versions/delete", ofLedger(number));

      test("each entry of the ledger says which end it was appended to", async () => {
        await threeMoves();
        const afters = await Promise.all(
          [1, 2, 3].map(async (number) => JSON.parse(await entry(number)).after?.number),
        );
        expect(afters).toEqual([undefined, 1, 2]);
      });

      test.each([
        ["edited", async () => write(1, (await entry(1)).replace('"by":"b"', '"by":"c"'))],
        ["edited in the middle", async () => write(2, (await entry(2)).replace('"to":"2"', '"to":"1"'))],
        ["removed", () => erase(1)],
        ["removed in the middle", () => erase(2)],
        ["no JSON", () => write(2, "{")],
      ] as const)(
        "an entry of the ledger %s is noticed, and a person's word mends it",
        async (_name, change) => {
          await threeMoves();
          const trail = await registry.trail("demand");
          await change();
          const damaged = { failure: { code: "registry.trail-damaged", name: "demand" } };
          const seen = mlflowRegistry(await openServer(uri, experiment));
          await expect(seen.aliasHistory("demand")).rejects.toMatchObject(damaged);
          await expect(seen.moveAlias(request("2", "k4"))).rejects.toMatchObject(damaged);
          const adopt = { ...request("2", "adopt"), mend: true };
          expect(await seen.moveAlias(adopt)).toMatchObject({ outcome: "moved", move: { to: "2" } });
          // The trail was whole, so it counts as it was.
          expect((await seen.trail("demand")).slice(0, 3)).toEqual(trail);
          expect(await keysOf()).toEqual(["k1", "k2", "k3", "adopt"]);
          await registry.moveAlias(request("1", "k5"));
          expect(await keysOf()).toEqual(["k1", "k2", "k3", "adopt", "k5"]);
        },
      );

      test("a trail of the version before is gone on with, and vouched for", async () => {
        const before = await threeMoves();
        for (const number of [1, 2, 3])
          await set(tag(number), before.get(tag(number))!.replace(/,"hash":"[^"]*"/, ""));
        expect(await keysOf()).toEqual(["k1", "k2", "k3"]);
        await registry.moveAlias(request("2", "k4"));
        expect(await keysOf()).toEqual(["k1", "k2", "k3", "k4"]);
        await set(tag(1), (await tags()).get(tag(1))!.replace('"by":"b"', '"by":"c"'));
        await expect(keysOf()).rejects.toMatchObject({ failure: { code: "registry.trail-damaged" } });
      });
    });

    test("metrics that the server answered 200 to and did not keep: neither their run nor the run of their part is closed", async () => {
      const { connection, ...place } = await openServer(uri, experiment);
      const losing = async (request: Request): Promise<Response> => {
        if (!request.url.endsWith("/runs/log-batch")) return connection.fetch(request);
        const { metrics: _, ...kept } = (await request.json()) as Record<string, unknown>;
        const { url, method, headers } = request;
        return connection.fetch(new Request(url, { method, headers, body: JSON.stringify(kept) }));
      };
      const lossy = mlflowRegistry({ ...place, connection: { ...connection, fetch: losing } });
      const lost = { failure: { code: "registry.answer-unexpected", call: "runs/log-batch" } };
      await expect(lossy.logRun(runId, { metrics: { wmape: 0.5 }, close: true })).rejects.toMatchObject(lost);
      const part = await lossy.ensureRun({ ...RUN, key: "part", parent: runId });
      await lossy.logRun(part.runId, { metrics: { wmape: 0.25 }, close: true });
      await expect(lossy.closeRun(runId, { verdict: "promoted" })).rejects.toMatchObject(lost);
      expect(await registry.getRun(runId)).toMatchObject({ closed: false, tags: {} });
    });

    test("a digest that was changed on the server is put right by the directory that is there, and by no other", async () => {
      const folder = await mkdtemp(join(tmpdir(), "retrain-mlflow-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const one = await modelFiles(folder, { "model.onnx": "graph" });
      const other = await modelFiles(folder, { "model.onnx": "another" });
      const number = await version("a");
      const attach = ({ files, digest }: ModelFiles) => registry.attachModel("demand", number, files, digest);
      const ready = await attach(one);
      const changed = { key: "retrain.registry.digest", value: `sha256:${"0".repeat(64)}` };
      await rest("POST", "model-versions/set-tag", { name: "demand", version: number, ...changed });
      await expect(attach(other)).rejects.toMatchObject({ failure: { code: "registry.model-immutable" } });
      expect(await attach(one)).toEqual(ready);
      expect(await registry.getVersion("demand", number)).toEqual(ready);
      expect(await damageOf(registry, ready)).toBeNull();
    });

    test("a reason of any length comes back whole", async () => {
      await version("a");
      const reason = "because ü\n".repeat(2000);
      await registry.moveAlias({ ...request("1", "k1"), reason });
      expect((await registry.aliasHistory("demand"))[0]).toMatchObject({ reason });
    });

    test("whatever call is the last one, doing it all again ends in the same state", async () => {
      const folder = await mkdtemp(join(tmpdir(), "retrain-mlflow-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const source = join(folder, "source");
      await writeFile(source, "graph");
      const long = "x".repeat(20_000);
      const work = async (into: ModelRegistry, name: string) => {
        const run = await into.ensureRun({ ...RUN, key: name, model: name });
        await into.logRun(run.runId, { metrics: { m: 1 }, params: { long }, tags: { t: long } });
        await into.putArtifacts(run.runId, [{ path: "a/b", source }]);
        const spec = { name, key: "v", runId: run.runId, description: "", tags: {} };
        const made = await into.ensureVersion(spec);
        await into.attachModel(name, made.version, [{ path: "m", source }], "d");
        await into.moveAlias({ ...request(made.version, "move", { expected: null }), name });
        await into.closeRun(run.runId, { done: "yes" });
      };
      const state = async (name: string) => {
        const runs = await registry.listRuns(name);
        const moves = await registry.aliasHistory(name);
        const versions = await registry.listVersions(name);
        return {
          runs: runs.map(({ closed, params, metrics, tags }) => ({ closed, params, metrics, tags })),
          files: await Promise.all(runs.map((run) => registry.listArtifacts(run.runId))),
          versions: versions.map(({ version, status, digest }) => ({ version, status, digest })),
          moves: moves.map(({ from, to, key }) => ({ from, to, key })),
          alias: await registry.getAlias(name, "best"),
        };
      };
      await work(registry, "whole");
      const expected = await state("whole");
      expect(expected).toMatchObject({ runs: [{ params: { long }, tags: { t: long } }], alias: "1" });
      let killed = 0;
      for (const death of deaths)
        for (let left = 0; ; left++) {
          const name = `killed ${death} ${left}`;
          const place = await openServer(uri, experiment);
          const dying = mlflowRegistry({
            ...place,
            connection: dyingAfter(place.connection, left, death),
          });
          const ended = await work(dying, name).then(
            () => true,
            (error: Error) => {
              expect(error.message).toBe("killed");
              return false;
            },
          );
          if (ended) break;
          killed++;
          await work(mlflowRegistry(await openServer(uri, experiment)), name);
          expect(await state(name), name).toEqual(expected);
        }
      expect(killed).toBeGreaterThan(15 * deaths.length);
    }, 300_000);
  });
}

/** A connection that ends, as with a kill, at the change after `left` changes. */
function dyingAfter(connection: Connection, left: number, death: Death): Connection {
  let changes = left;
  return {
    ...connection,
    async fetch(sent) {
      const isChange = sent.method !== "GET" && !sent.url.endsWith("/search");
      if (!isChange || changes-- > 0) return connection.fetch(sent);
      if (death === "after") await connection.fetch(sent);
      throw new Error("killed");
    },
  };
}
