import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { retrain, retrainJson } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

/** A quarter with a command that nothing is wired to: it fails as long as the file `ok` is not there. */
function projectWith(step: string, before = ""): { cwd: string; mend(): void } {
  const cwd = simpleProject();
  const path = join(cwd, "runbook.yaml");
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace(
      "  - { id: promote, uses: promote }\n",
      `${before}  - { id: promote, uses: promote }\n${step}`,
    ),
  );
  writeFileSync(
    join(cwd, "export.sh"),
    'test -f ok || { echo "no room" >&2; exit 1; }\necho \'{"summary":"exported"}\' > "$(sed -n \'s/.*"result": "\\(.*\\)".*/\\1/p\' "$RETRAIN_CONTEXT")"\n',
  );
  return { cwd, mend: () => writeFileSync(join(cwd, "ok"), "") };
}

const EXPORT = "  - { id: export, uses: command, with: { run: [sh, export.sh] } }\n";
const HEADLINE = "version 1 is live; `export` failed";

describe("a step that fails after the alias has moved", () => {
  test("everything that is written says both, and resume runs that step alone", async () => {
    const { cwd, mend } = projectWith(EXPORT);
    const ran = await retrain(["quarter", "2025Q2"], { cwd });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain(`PROMOTED  room-demand 2025Q2`);
    expect(ran.stderr).toContain(HEADLINE);
    expect(ran.stderr).toContain("room-demand@best now serves version 1, its first.");
    expect(ran.stderr).toContain("retrain resume 2025Q2-1");

    const status = await retrainJson(["status"], { cwd });
    expect(status.document).toMatchObject({
      verdict: "promoted",
      exitCode: 1,
      champion: { before: null, after: "1" },
      live: { version: "1", source: "registry" },
    });
    expect((await retrain(["status"], { cwd })).stdout).toContain(HEADLINE);
    expect((await retrain(["runs"], { cwd })).stdout).toContain("Promoted, unfinished");
    for (const format of ["html", "junit", "github"])
      expect((await retrain(["report", "--format", format], { cwd })).stdout, format).toContain(
        "1 is live; `export` failed",
      );

    mend();
    const again = await retrainJson(["resume"], { cwd });
    expect(again.exitCode).toBe(0);
    expect(again.document.verdict).toBe("promoted");
    expect(again.document.steps.filter(({ status }) => status !== "reused").map(({ id }) => id)).toEqual([
      "export",
    ]);
    expect((await retrain(["resume"], { cwd })).stderr).toContain("no run is unfinished");
  });

  test("before it, it stops the promotion, unless the runbook says that it may fail", async () => {
    const { cwd } = projectWith("", EXPORT);
    const stopped = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(stopped.exitCode).toBe(1);
    expect(stopped.document).toMatchObject({
      verdict: "failed",
      live: { version: null, source: "registry" },
    });
    const path = join(cwd, "runbook.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("id: export,", "id: export, optional: true,"));
    const went = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(went.exitCode).toBe(0);
    expect(went.document).toMatchObject({ verdict: "promoted", live: { version: "1" } });
    expect(went.document.steps.find(({ id }) => id === "export")).toMatchObject({
      status: "failed",
      optional: true,
    });
    expect(went.stderr).toContain("export failed; it is optional, so the run went on");
    expect((await retrain(["resume"], { cwd })).stderr).toContain("no run is unfinished");
  });
});
