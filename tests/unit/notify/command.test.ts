import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { notificationKey } from "../../../src/notify/channel.js";
import { commandChannel } from "../../../src/notify/command.js";
import { deliverNotice } from "../../../src/notify/deliver.js";
import { delivery, NOTICE } from "./support.js";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "retrain-command-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const node = (script: string, ...args: string[]) =>
  [process.execPath, "-e", script, "--", ...args] as [string, ...string[]];

test("gets the payload on its standard input and the key in its environment, without a shell", async () => {
  const cwd = folder();
  const script = `require("fs").writeFileSync("told.json", JSON.stringify({
    input: JSON.parse(require("fs").readFileSync(0, "utf8")), key: process.env.RETRAIN_NOTIFICATION_KEY, args: process.argv.slice(1) }))`;
  const channel = commandChannel(node(script, "$HOME; *"), cwd);
  expect(await deliverNotice([channel], NOTICE, delivery())).toMatchObject([
    { target: "command node", state: "delivered", attempts: 1 },
  ]);
  expect(JSON.parse(readFileSync(join(cwd, "told.json"), "utf8"))).toEqual({
    input: NOTICE.payload,
    key: notificationKey(channel, NOTICE.subject),
    args: ["$HOME; *"],
  });
});

const endings: [string, [string, ...string[]], object][] = [
  [
    "another exit code",
    node("console.error('a\\nno route'); process.exit(4)"),
    { attempts: 1, problem: "exit code 4: no route" },
  ],
  ["try again", node("process.exit(75)"), { attempts: 3, problem: "exit code 75" }],
  ["a signal", node("process.kill(process.pid, 'SIGTERM')"), { attempts: 1, problem: "ended by SIGTERM" }],
  ["no such program", ["/nowhere/mailer"], { attempts: 1, problem: "it could not be started: ENOENT" }],
  ["input that nobody reads", node(""), { attempts: 1, state: "delivered" }],
];
test.each(endings)("%s", async (_name, argv, expected) => {
  const notice = { ...NOTICE, payload: "x".repeat(500_000) };
  expect(await deliverNotice([commandChannel(argv, folder())], notice, delivery())).toMatchObject([expected]);
});

/** A program that starts another one and waits for it; both say that they live. */
const family = (cwd: string): [string, ...string[]] => {
  const child = "setInterval(() => require('fs').appendFileSync('alive', '.'), 20)";
  writeFileSync(join(cwd, "alive"), "");
  return node(
    `require("child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })`,
  );
};

test("over its time, or interrupted, it ends at once with everything that it started", async () => {
  const cwd = folder();
  const alive = () => readFileSync(join(cwd, "alive"), "utf8").length;
  const channel = commandChannel(family(cwd), cwd);
  const [late] = await deliverNotice([channel], NOTICE, delivery({ timeoutMs: 700 }));
  expect(late).toMatchObject({ state: "failed", attempts: 3, problem: "no answer within 0.7 s" });

  const stop = new AbortController();
  const before = alive();
  const telling = deliverNotice([channel], NOTICE, delivery({ signal: stop.signal }));
  while (alive() === before) await delay(20);
  stop.abort("SIGINT");
  expect(await telling).toMatchObject([{ attempts: 1, problem: "the run was interrupted" }]);
  await delay(100);
  const after = alive();
  await delay(200);
  expect(alive()).toBe(after);
});
