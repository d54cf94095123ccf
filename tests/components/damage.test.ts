import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "../support/cli.js";

/** Enough to meet every kind of file and every command; `npm run bench:mutants` has a hundred thousand. */
const MUTANTS = 220;

test("commands take damaged files with a documented exit code and the file's name, and the project goes on", async () => {
  const program = join(REPOSITORY, "dist", "bench", "mutants.js");
  const args = [program, "--count", String(MUTANTS), "--seed", "20", "--jobs", "1"];
  const child = spawn(process.execPath, args, { env: { ...process.env, RETRAIN_WORKERS: "1" } });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const exitCode = await new Promise((resolve) => child.on("close", resolve));
  expect(said).toContain(`${MUTANTS} mutants, 0 problems`);
  expect(exitCode, said).toBe(0);
}, 180_000);
