import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Closers } from "../../../../scripts/mlflow/closers.js";
import { freePort } from "../../../../scripts/mlflow/port.js";
import { postgresqlFolders } from "../../../../scripts/mlflow/postgresql.js";
import { StartProblem, tail, textOf } from "../../../../scripts/mlflow/problem.js";
import { runProgram, startService } from "../../../../scripts/mlflow/program.js";
import { pinsOf } from "../../../../scripts/mlflow/requirements.js";
import { environment, withoutPassword } from "../../../../scripts/mlflow/server.js";
import { withDriver } from "../../../../scripts/mlflow/start.js";
import { tempFolder } from "../../../support/cli.js";

describe("requirements", () => {
  test("the fallback pins the same packages, and another version only of mlflow", () => {
    const [first, fallback] = [pinsOf("requirements.txt"), pinsOf("requirements-fallback.txt")];
    expect(fallback.map(({ name }) => name)).toEqual(first.map(({ name }) => name));
    const differing = first.filter((pin, i) => fallback[i]?.version !== pin.version);
    expect(differing.map(({ name }) => name)).toEqual(["mlflow"]);
  });
});

describe("ports", () => {
  test("a free one can be listened on, and a taken one is named", async () => {
    const port = await freePort(0);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    await expect(freePort(port)).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
  });
});

describe("closers", () => {
  test("run once, the last first, also when one fails", async () => {
    const order: number[] = [];
    const closers = new Closers();
    closers.add(() => void order.push(1));
    closers.add(() => {
      throw new Error("two");
    });
    closers.add(async () => void order.push(3));
    expect(closers.isClosing).toBe(false);
    const closed = [closers.close(), closers.close()];
    expect(closers.isClosing).toBe(true);
    await expect(closed[0]).rejects.toThrow("two");
    await expect(closed[1]).rejects.toThrow("two");
    expect(order).toEqual([3, 1]);
  });
});

describe("services", () => {
  /** Not a zombie either: some systems take their time to clear away what has lost its parent. */
  const isAlive = async (pid: string) =>
    /^[^Z]/.test((await runProgram("ps", ["-o", "stat=", "-p", pid])).stdout);

  async function shellWithChild(script: string) {
    const folder = tempFolder();
    const log = join(folder, "log");
    const service = await startService("sh", ["-c", script], log, { cwd: folder });
    const read = async () => (await runProgram("cat", [join(folder, "child")])).stdout.trim();
    await expect.poll(read).toMatch(/^\d+$/);
    return { service, log, child: await read() };
  }

  test("end with everything that they started, though it does not heed SIGTERM", async () => {
    const { service, child } = await shellWithChild(
      "sh -c 'trap \"\" TERM; echo $$ > child; sleep 60 & wait; sleep 60'",
    );
    expect(await isAlive(child)).toBe(true);
    await service.stop(200);
    await expect.poll(() => isAlive(child)).toBe(false);
    expect(service.end()).toMatchObject({ errno: null });
  });

  test("leave no worker behind when they end on their own, and keep what they said", async () => {
    const { service, log, child } = await shellWithChild(
      "sleep 60 & echo $! > child; echo out; echo err >&2; sleep 0.3; exit 4",
    );
    expect(await service.ended).toEqual({ exitCode: 4, signal: null, errno: null });
    await expect.poll(() => isAlive(child)).toBe(false);
    expect((await runProgram("cat", [log])).stdout).toBe("out\nerr\n");
  });

  test("that are not there say so", async () => {
    await expect(startService("/no/such/program", [], join(tempFolder(), "log"))).rejects.toThrow("ENOENT");
  });
});

describe("the server's environment", () => {
  test("has nothing of MLflow's clients, and the database", () => {
    const own = { PATH: "/bin", MLFLOW_TRACKING_URI: "http://x", _MLFLOW_SERVER_FILE_STORE: "y" };
    expect(environment(own, "sqlite:///mlflow.db")).toMatchObject({
      PATH: "/bin",
      MLFLOW_BACKEND_STORE_URI: "sqlite:///mlflow.db",
    });
    expect(Object.keys(environment(own, "x"))).not.toContain("MLFLOW_TRACKING_URI");
    expect(Object.keys(environment(own, "x"))).not.toContain("_MLFLOW_SERVER_FILE_STORE");
  });

  test("a password of the database is masked in what is shown of the log", () => {
    expect(withoutPassword("cannot reach u:s3cret@h", "postgresql://u:s3cret@h/db")).toBe(
      "cannot reach u:***@h",
    );
    expect(withoutPassword("as it is", "sqlite:///mlflow.db")).toBe("as it is");
  });
});

test.each([
  ["postgresql://u:p@h/d", "postgresql+psycopg2://u:p@h/d"],
  ["postgres://h/d", "postgresql+psycopg2://h/d"],
  ["postgresql+pg8000://h/d", "postgresql+pg8000://h/d"],
  ["sqlite:///mlflow.db", "sqlite:///mlflow.db"],
])("%s is opened as %s", (given, opened) => {
  expect(withDriver(given)).toBe(opened);
});

describe("PostgreSQL's programs", () => {
  function install(folder: string, programs: readonly string[]): string {
    mkdirSync(folder, { recursive: true });
    for (const program of programs) {
      writeFileSync(join(folder, program), "");
      chmodSync(join(folder, program), 0o755);
    }
    return folder;
  }
  const ALL = ["initdb", "postgres", "pg_isready", "psql"];

  test("are those of Debian's newest version, then of the PATH, where all are there", () => {
    const root = tempFolder();
    const [nine, fifteen] = ["9", "15"].map((version) => install(join(root, "debian", version, "bin"), ALL));
    install(join(root, "debian", "17", "bin"), ["psql"]);
    const other = install(join(root, "other"), ALL);
    expect(postgresqlFolders(`/no/such:${other}`, join(root, "debian"))).toEqual([fifteen, nine, other]);
    expect(postgresqlFolders("/no/such", join(root, "none"))).toEqual([]);
  });
});

describe("problems", () => {
  test("say what, what a program said last, and what to do next", () => {
    expect(textOf(new StartProblem("it broke", "mend it", "line 1\nline 2"))).toBe(
      "error: it broke\n  | line 1\n  | line 2\nnext:  mend it\n",
    );
  });

  test("show the last lines that say something", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    expect(tail(`${lines.join("\n\n")}\n\n`).split("\n")).toEqual(lines.slice(15));
  });
});
