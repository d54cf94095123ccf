import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { retrain, retrainJson } from "../support/cli.js";
import { hashTree, simpleProject } from "../support/project.js";

const MODEL = ".retrain/registry/models/room-demand";

/** What can happen to a file. */
const CHANGES: readonly ((bytes: Buffer) => Uint8Array | "gone" | "folder")[] = [
  (bytes) => bytes.subarray(0, bytes.length >> 1),
  (bytes) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 16),
  () => "gone",
  () => Buffer.alloc(0),
  () => "folder",
];

function damage(path: string, change: (typeof CHANGES)[number]): void {
  const changed = change(readFileSync(path));
  rmSync(path);
  if (changed === "folder") mkdirSync(path);
  else if (changed !== "gone") writeFileSync(path, changed);
}

test("a damaged champion blocks, is named, and the quarter that made it makes it again", async () => {
  const cwd = simpleProject();
  expect((await retrainJson(["quarter", "2025Q1"], { cwd })).exitCode).toBe(0);
  const version = join(cwd, MODEL, "versions/1");
  const whole = hashTree(version);

  // Every file in its own way, and what each of them is reported by without a run.
  const files = readdirSync(join(version, "model")).map((name) => `model/${name}`);
  for (const [i, file] of [...files, "version.json"].entries())
    damage(join(version, file), CHANGES[i % CHANGES.length]!);
  const models = await retrain(["models"], { cwd });
  expect(models.exitCode).toBe(1);
  expect(models.stderr).toContain("version.json");
  expect(models.stderr).toContain("retrain quarter 2025Q1");

  const remade = await retrainJson(["quarter", "2025Q1"], { cwd });
  expect(remade).toMatchObject({ exitCode: 0, document: { verdict: "promoted" } });
  expect(hashTree(version)).toEqual(whole);
  expect((await retrain(["models", "--verify"], { cwd })).exitCode).toBe(0);

  damage(join(version, "model/model.onnx"), CHANGES[0]!);
  const next = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(next).toMatchObject({ exitCode: 3, document: { verdict: "escalated", champion: { after: "1" } } });
  const blocking = next.document.decision!.rules.find(({ id }) => id === "champion-damaged");
  expect(blocking).toMatchObject({ verdict: "UNKNOWN", blocks: true });
  expect(blocking?.detail).toBe("version 1, the champion, is damaged in the registry: model.onnx is damaged");
  const page = await retrain(["escalation"], { cwd });
  expect(page.stdout).toContain("retrain quarter 2025Q1");
  const json = JSON.parse((await retrain(["models", "--json"], { cwd })).stdout);
  expect(json.damaged).toEqual([
    { version: "1", role: "champion", files: [{ path: "model.onnx", problem: "changed" }] },
  ]);

  // What the page advises leads on, also after a run that saw the damage.
  const again = await retrainJson(["quarter", "2025Q1"], { cwd });
  expect(again).toMatchObject({ exitCode: 0, document: { verdict: "promoted" } });
  expect(hashTree(version)).toEqual(whole);
  const healed = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(healed).toMatchObject({ exitCode: 0, document: { verdict: "promoted" } });
});

test("a damaged record of moves blocks until a person says what is live", async () => {
  const cwd = simpleProject();
  expect((await retrainJson(["quarter", "2025Q1"], { cwd })).exitCode).toBe(0);
  const log = join(cwd, MODEL, "alias-log.jsonl");
  const whole = readFileSync(log);
  damage(log, (bytes) => bytes.with(bytes.length - 90, bytes[bytes.length - 90]! ^ 1));
  const blocked = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(blocked).toMatchObject({ exitCode: 3, document: { verdict: "escalated" } });
  expect(blocked.document.decision!.rules).toContainEqual(
    expect.objectContaining({ id: "champion-damaged", verdict: "UNKNOWN", blocks: true }),
  );
  for (const command of [["models"], ["rollback", "--by", "Ann", "--reason", "r"]]) {
    const refused = await retrain(command, { cwd });
    expect(refused.stderr).toContain("alias-log.jsonl");
    expect(refused.stderr).toContain("retrain adopt VERSION");
  }
  // Restored from a backup it goes on; here a line is cut off instead, and a person says what is live.
  writeFileSync(log, whole.subarray(0, whole.indexOf("\n") + 1));
  expect((await retrain(["quarter", "2025Q2", "--fresh"], { cwd })).exitCode).toBe(3);
  const adopted = await retrain(["adopt", "1", "--by", "Ann", "--reason", "it was live"], { cwd });
  expect(adopted.exitCode).toBe(0);
  const next = await retrainJson(["quarter", "2025Q2", "--fresh"], { cwd });
  expect(next).toMatchObject({ exitCode: 0, document: { champion: { before: "1" } } });
});

test("a damaged registry.json blocks until a person says what is live", async () => {
  const cwd = simpleProject();
  expect((await retrainJson(["quarter", "2025Q1"], { cwd })).exitCode).toBe(0);
  damage(join(cwd, ".retrain/registry/registry.json"), () => Buffer.from('{"for'));
  const blocked = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(blocked).toMatchObject({ exitCode: 3, document: { verdict: "escalated" } });
  expect(blocked.stderr).toContain("registry.json");
  const adopted = await retrain(["adopt", "1", "--by", "Ann", "--reason", "it was live"], { cwd });
  expect(adopted.exitCode, adopted.stderr).toBe(0);
  const next = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(next).toMatchObject({ exitCode: 0, document: { champion: { before: "1" } } });
});
