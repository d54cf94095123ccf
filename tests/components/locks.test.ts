import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CliResult, retrain } from "../support/cli.js";
import { hashTree, simpleProject } from "../support/project.js";
import { chosen } from "../support/thorough.js";

/** A quarter that is stopped by SIGSTOP once standard error has a line with `after`. */
async function stoppedQuarter(cwd: string, after: string, ...more: readonly string[]) {
  let kill: ((signal: NodeJS.Signals) => void) | null = null;
  let ended!: Promise<CliResult>;
  await new Promise<void>((resolve, reject) => {
    ended = retrain(["quarter", "2025Q2", ...more], {
      cwd,
      onTalk: (talk, send) => {
        if (kill !== null || !talk.includes(after)) return;
        kill = send;
        send("SIGSTOP");
        resolve();
      },
    });
    ended.then(({ stderr }) => reject(new Error(`it never said ${after}:\n${stderr}`)), reject);
  });
  onTestFinished(() => kill!("SIGKILL"));
  return { ended, wake: () => kill!("SIGCONT"), kill: () => kill!("SIGKILL") };
}

/** In one line, without what differs from machine to machine. */
const told = ({ stderr }: CliResult, cwd: string): string =>
  stderr
    .replaceAll(cwd, "DIR")
    .replaceAll(hostname(), "HOST")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "SINCE")
    .replaceAll(/(process|kill) \d+/g, "$1 PID")
    .replaceAll(/\s+/g, " ")
    .trim();

const lockFile = (cwd: string): string => join(cwd, ".retrain", "locks", "room-demand.lock");

function leaveLock(cwd: string, content: object | string): void {
  mkdirSync(join(lockFile(cwd), ".."), { recursive: true });
  writeFileSync(lockFile(cwd), typeof content === "string" ? content : JSON.stringify(content));
}

/** A late holder clears away its own temp files; nobody else ever sees them. */
const visible = (cwd: string) =>
  Object.entries(hashTree(join(cwd, ".retrain"))).filter(([path]) => !path.includes(".tmp-"));

const quick = ["--until", "validate"];

describe("a second process", () => {
  test("of the same model is told who works, on what, since when, and what to type", async () => {
    const cwd = simpleProject();
    const first = await stoppedQuarter(cwd, "validate:");
    for (const quarter of ["2025Q2", "2025Q1"]) {
      const second = await retrain(["quarter", quarter], { cwd });
      expect(second.exitCode).toBe(4);
      expect(second.stdout).toBe("");
      expect(told(second, cwd)).toBe(
        [
          "✖ Another run holds the lock: 2025Q2-1",
          "where DIR/.retrain/locks/room-demand.lock",
          "expected one writer at a time for a model and state directory",
          "│ Held by process PID on HOST since SINCE; it has not ended.",
          "│ A lock whose process has died is taken over without being asked.",
          `next Wait for it (\`retrain status 2025Q2-1\` shows how far it is), then run \`retrain quarter ${quarter}\``,
          `If it hangs: \`kill PID\`, then run \`retrain quarter ${quarter}\``,
          "If it is stopped and must stay so: `retrain unlock --model room-demand --force`; it can write nothing more then",
        ].join(" "),
      );
    }
    const other = await retrain(["quarter", "2025Q2", "--set", "model.name=other-rooms", ...quick], { cwd });
    expect(other.exitCode).toBe(0);

    first.kill();
    await first.ended;
    const heir = await retrain(["quarter", "2025Q2"], { cwd });
    expect(heir.exitCode).toBe(0);
    expect(heir.stderr).toContain("continues 2025Q2-1");
  });

  test("on another host is never taken over unasked", async () => {
    const cwd = simpleProject();
    const holder = { pid: 4711, host: "node-7", since: "2025-07-09T08:15:00Z", run: "2025Q2-1" };
    leaveLock(cwd, { ...holder, processStart: "boot/1", token: "t" });
    const before = readFileSync(lockFile(cwd), "utf8");
    const locked = await retrain(["quarter", "2025Q2"], { cwd });
    expect(locked.exitCode).toBe(4);
    expect(told(locked, cwd)).toBe(
      [
        "✖ A process on another host holds the lock: 2025Q2-1",
        "where DIR/.retrain/locks/room-demand.lock",
        "expected one writer at a time for a model and state directory",
        "│ Held by process PID on node-7 since 2025-07-09T08:15:00Z.".replace(
          "2025-07-09T08:15:00Z",
          "SINCE",
        ),
        "│ This is HOST: nobody here can tell whether that process still runs, so its lock is never taken over unasked.",
        "next Wait for it (`retrain status 2025Q2-1` shows how far it is), then run `retrain quarter 2025Q2`",
        "If you know that it is dead: `retrain unlock --model room-demand --i-know-it-is-dead`, then run `retrain quarter 2025Q2`",
      ].join(" "),
    );
    for (const flags of [[], ["--force"]]) {
      const refused = await retrain(["unlock", "--model", "room-demand", ...flags], { cwd });
      expect(refused.exitCode).toBe(4);
      expect(refused.stderr).toContain("--i-know-it-is-dead");
      expect(readFileSync(lockFile(cwd), "utf8")).toBe(before);
    }
    const unlocked = await retrain(["unlock", "--model", "room-demand", "--i-know-it-is-dead"], { cwd });
    expect(unlocked.exitCode).toBe(0);
    const log = readFileSync(join(lockFile(cwd), "..", "unlocks.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect(log).toHaveLength(1);
    expect(JSON.parse(log[0]!)).toMatchObject({
      at: expect.stringMatching(/^\d{4}-/),
      by: expect.stringMatching(new RegExp(`.@${hostname()}$`)),
      lock: "room-demand.lock",
      was: "elsewhere",
      holder,
    });
    expect((await retrain(["quarter", "2025Q2", ...quick], { cwd })).exitCode).toBe(0);
  });

  test.runIf(process.platform === "linux")("takes over from a process whose id was reused", async () => {
    const cwd = simpleProject();
    const holder = { pid: process.pid, host: hostname(), since: "2025-07-09T08:15:00Z", run: "2025Q2-1" };
    leaveLock(cwd, { ...holder, processStart: "an-earlier-boot/77", token: "t" });
    expect((await retrain(["quarter", "2025Q2", ...quick], { cwd })).exitCode).toBe(0);
    // Of the very process that has the id, the lock stays.
    leaveLock(cwd, { ...holder, processStart: null, token: "t" });
    expect((await retrain(["quarter", "2025Q2", ...quick], { cwd })).exitCode).toBe(4);
    const refused = await retrain(["unlock", "--model", "room-demand", "--i-know-it-is-dead"], { cwd });
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining("--force")]);
  });

  test.each(["", "{", '{"pid":1}'])("does not guess what a lock file of %j means", async (content) => {
    const cwd = simpleProject();
    leaveLock(cwd, content);
    const locked = await retrain(["quarter", "2025Q2", ...quick], { cwd });
    expect(locked.exitCode).toBe(4);
    expect(told(locked, cwd)).toContain(
      "If you know that no run is under way: `retrain unlock --lock DIR/.retrain/locks/room-demand.lock --i-know-it-is-dead`",
    );
    expect((await retrain(["unlock", "--lock", lockFile(cwd)], { cwd })).exitCode).toBe(4);
    const unlock = await retrain(["unlock", "--lock", lockFile(cwd), "--i-know-it-is-dead"], { cwd });
    expect(unlock.exitCode).toBe(0);
    expect((await retrain(["quarter", "2025Q2", ...quick], { cwd })).exitCode).toBe(0);
  });

  test("unlock without a lock, and without saying which", async () => {
    const cwd = simpleProject();
    const free = await retrain(["unlock", "--model", "room-demand"], { cwd });
    expect([free.exitCode, free.stderr]).toEqual([0, expect.stringContaining("There is no lock")]);
    expect((await retrain(["unlock"], { cwd })).exitCode).toBe(2);
    expect((await retrain(["unlock", "--model", "a", "--lock", "b"], { cwd })).exitCode).toBe(2);
  });
});

describe("a run that was stopped, lost its lock and wakes up late", () => {
  test.each(
    chosen(["validate:", "train:", "register:", "artifacts:", "gate:"], (step) => /register|gate/.test(step)),
  )("after %s", async (line) => {
    const cwd = simpleProject();
    const first = await stoppedQuarter(cwd, line);
    expect((await retrain(["unlock", "--model", "room-demand"], { cwd })).exitCode).toBe(4);
    expect((await retrain(["unlock", "--model", "room-demand", "--force"], { cwd })).exitCode).toBe(0);
    const second = await retrain(["quarter", "2025Q2"], { cwd });
    expect([second.exitCode, second.stderr]).toEqual([0, expect.stringContaining("PROMOTED")]);

    const before = visible(cwd);
    first.wake();
    const late = await first.ended;
    expect(late.exitCode).toBe(4);
    expect(told(late, cwd)).toContain(
      "✖ This process lost its lock and has stopped; from then on it has written nothing where DIR/.retrain/locks/room-demand.lock",
    );
    expect(late.stderr).toContain("Nobody holds the lock now");
    expect(late.stderr).not.toContain("PROMOTED");
    expect(visible(cwd)).toEqual(before);
    const models = JSON.parse((await retrain(["models", "--json"], { cwd })).stdout);
    expect(JSON.stringify(models)).not.toContain('"version":"2"');
  });

  test("in a dry run", async () => {
    const cwd = simpleProject();
    const first = await stoppedQuarter(cwd, "register:", "--dry-run");
    expect((await retrain(["unlock", "--model", "room-demand", "--force"], { cwd })).exitCode).toBe(0);
    expect((await retrain(["quarter", "2025Q2", "--dry-run"], { cwd })).exitCode).toBe(0);
    const before = visible(cwd);
    first.wake();
    expect((await first.ended).exitCode).toBe(4);
    expect(visible(cwd)).toEqual(before);
  });
});

describe("a webhook", () => {
  async function receiver(answers: readonly number[]) {
    const posts: {
      readonly key: string | undefined;
      readonly body: { run: string };
      readonly answer: number;
    }[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const answer = answers[Math.min(posts.length, answers.length - 1)]!;
        posts.push({ key: request.headers["idempotency-key"] as string, body: JSON.parse(body), answer });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    return { posts, env: { RETRAIN_WEBHOOK_URL: `http://127.0.0.1:${port}/hook/T0K3N` } };
  }
  const drifted = ["quarter", "2025Q2", "--set", "data.source=fixtures/drifted/demand.csv"];

  test("hears of a decision once, whoever comes to it again; of another decision it hears too", async () => {
    const cwd = simpleProject();
    const { posts, env: webhook } = await receiver([200]);
    const env = { ...webhook, MLFLOW_TRACKING_URI: "file:shared" };
    const escalates = async (...more: readonly string[]) =>
      expect((await retrain([...drifted, ...more], { cwd, env })).exitCode).toBe(3);
    await escalates("--dry-run");
    expect(posts).toEqual([]);
    await escalates();
    expect(posts).toHaveLength(1);
    expect(posts[0]!.key).toMatch(/^[0-9a-f]{64}$/);
    await escalates();
    await escalates("--fresh");
    // Another state directory over the same registry, as on another machine.
    await escalates("--state-dir", "elsewhere");
    expect(posts).toHaveLength(1);
    await escalates("--set", "gate.rules.1.max=0.14");
    expect(posts).toHaveLength(2);
    expect(posts[1]!.key).not.toBe(posts[0]!.key);
    for (const text of Object.keys(hashTree(join(cwd, ".retrain"))).filter((path) => path.endsWith(".jsonl")))
      expect(readFileSync(join(cwd, ".retrain", text), "utf8")).not.toContain("T0K3N");
  });

  test("that is in trouble is asked again, within the run and by the next one", async () => {
    const cwd = simpleProject();
    const { posts, env } = await receiver([500, 503, 200]);
    expect((await retrain(drifted, { cwd, env })).exitCode).toBe(3);
    expect(posts.map(({ answer }) => answer)).toEqual([500, 503, 200]);
    expect(new Set(posts.map(({ key }) => key)).size).toBe(1);

    const other = simpleProject();
    const hard = await receiver([404, 200]);
    const untold = await retrain(drifted, { cwd: other, env: hard.env });
    expect([untold.exitCode, untold.stderr]).toEqual([
      3,
      expect.stringMatching(/was not told: it answered 404/),
    ]);
    expect((await retrain(drifted, { cwd: other, env: hard.env })).exitCode).toBe(3);
    expect((await retrain(drifted, { cwd: other, env: hard.env })).exitCode).toBe(3);
    expect(hard.posts.map(({ answer }) => answer)).toEqual([404, 200]);
  });
});
