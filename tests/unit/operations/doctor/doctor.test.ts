import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ChannelSpec } from "../../../../src/kit/channels.js";
import { examine } from "../../../../src/operations/doctor/doctor.js";
import { checkNode, writeProblem } from "../../../../src/operations/doctor/machine.js";
import { openRegistry } from "../../../../src/registry/open.js";
import { type Checkup, checkupDocument, checkupText } from "../../../../src/report/checkup.js";
import { failureContext } from "../../../../src/report/failures/text.js";
import { createStyle } from "../../../../src/report/style.js";
import { mailServer } from "../../../support/mail-server.js";
import { hashTree } from "../../../support/project.js";
import { openWorld, type World } from "../../cli/conclude/release-world.js";
import { runbookOf } from "../../plan/runbook-of.js";

const CONTEXT = failureContext({
  run: null,
  quarter: null,
  reportTo: "us",
  runbook: null,
  stateDir: null,
  overrides: [],
  dryRun: false,
});

async function examined(
  world: World,
  { verify = false, notify = [] }: { verify?: boolean; notify?: readonly ChannelSpec[] } = {},
): Promise<Checkup[]> {
  const { engine, root } = world.bench;
  const runbook = runbookOf([], world.model);
  return examine({
    runbook: {
      runbook: { ...runbook, escalation: { ...runbook.escalation, notify } },
      path: join(root, "runbook.yaml"),
    },
    engine,
    openRegistry: () =>
      openRegistry(`file:${engine.state.registry}`, {
        files: engine.files,
        clock: engine.clock,
        baseFolder: root,
      }),
    env: {},
    node: "22.11.0",
    context: CONTEXT,
    verify,
  });
}

/** Two quarters' worth of a project: version 2 is live and version 1 was before. */
async function project(): Promise<World> {
  const world = await openWorld({ gate: "pass" });
  await world.haveChampion();
  await world.run();
  return world;
}

const wrong = (checks: readonly Checkup[]) =>
  checks.filter(({ state }) => state === "problem" || state === "warning");

/** Files below a folder whose paths match, the first first. */
const filesOf = (root: string, pattern: RegExp): string[] =>
  Object.keys(hashTree(root))
    .filter((path) => pattern.test(path))
    .map((path) => join(root, path));

describe("a project with which nothing is wrong", () => {
  test("is healthy, also by every hash, and is not changed by a look at it", async () => {
    const world = await project();
    const before = hashTree(world.bench.root);
    for (const verify of [false, true]) {
      const checks = await examined(world, { verify });
      expect(wrong(checks)).toEqual([]);
      expect(checkupDocument(checks).healthy).toBe(true);
      expect(checkupText(checks, createStyle({ color: false, width: 100 }))).toMatch(
        /demand@best names version 2\n[\s\S]*\nhealthy\n$/,
      );
    }
    expect(hashTree(world.bench.root)).toEqual(before);
  });

  test("so is an empty one", async () => {
    const world = await openWorld({ gate: "pass" });
    const checks = await examined(world);
    expect(wrong(checks)).toEqual([]);
    expect(checks.map(({ title }) => title)).toContain("Nothing is live under demand@best yet");
    expect(readdirSync(world.bench.root)).toEqual([]);
  });
});

const lockOf = (change: object) =>
  JSON.stringify({
    pid: 2 ** 22 + 7,
    host: hostname(),
    since: "2025-07-01T08:00:00.000Z",
    run: "2025Q2-1",
    processStart: null,
    token: "t",
    ...change,
  });

function lock(root: string, text: string, name = "demand.lock"): void {
  mkdirSync(join(root, "locks"), { recursive: true });
  writeFileSync(join(root, "locks", name), text);
}

const overwrite = (path: string) => {
  rmSync(path);
  writeFileSync(path, "changed");
};

interface Trouble {
  readonly make: (world: World) => unknown;
  readonly id: string;
  readonly state: Checkup["state"];
  /** Of the title, the details and what to type together. */
  readonly says: RegExp;
  readonly verify?: boolean;
}

const runFile = ({ bench }: World, file: string) => join(bench.root, "runs", "2025Q2-1", file);

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "a run's header is damaged": {
    make: (world) => overwrite(runFile(world, "run.json")),
    id: "state.run",
    state: "problem",
    says: /Move that run.s folder out of the state directory and run .retrain quarter 2025Q2/,
  },
  "a journal is damaged": {
    make: (world) => {
      const path = runFile(world, "journal.jsonl");
      writeFileSync(path, readFileSync(path, "utf8").replace("step-succeeded", "step-sUcceeded"));
    },
    id: "state.run",
    state: "problem",
    says: /not what was written/,
  },
  "a run is not finished": {
    make: (world) => world.run({ step: "export", kind: "before" }),
    id: "state.unfinished",
    state: "warning",
    says: /retrain resume 2025Q2-1/,
  },
  "a document is gone": {
    make: (world) => rmSync(runFile(world, "document.json")),
    id: "state.document",
    state: "warning",
    says: /is gone.*retrain quarter 2025Q2/s,
  },
  "a document is damaged": {
    make: (world) => overwrite(runFile(world, "document.json")),
    id: "state.document",
    state: "warning",
    says: /damaged: it is no JSON/,
  },
  "a record is damaged": {
    make: ({ bench }) => overwrite(filesOf(join(bench.root, "records"), /json$/)[0]!),
    id: "state.records",
    state: "warning",
    says: /1 of 9 step records cannot be read/,
  },
  "a stored output is damaged": {
    make: ({ bench }) => overwrite(filesOf(join(bench.root, "objects"), /./)[0]!),
    id: "state.outputs",
    state: "warning",
    says: /1 of \d+ stored outputs/,
    verify: true,
  },
  "another host holds the lock": {
    make: ({ bench }) => lock(bench.root, lockOf({ host: "elsewhere" })),
    id: "locks",
    state: "warning",
    says: /on elsewhere since.*retrain unlock --model demand --i-know-it-is-dead/s,
  },
  "the lock is none": {
    make: ({ bench }) => lock(bench.root, "\0\0"),
    id: "locks",
    state: "problem",
    says: /retrain unlock --lock .*demand\.lock --i-know-it-is-dead/,
  },
  "the live version is gone": {
    make: ({ bench }) =>
      rmSync(join(bench.root, "registry", "models", "demand", "versions", "2"), { recursive: true }),
    id: "registry.alias",
    state: "problem",
    says: /What was live under demand@best is missing.*retrain adopt/s,
  },
  "a file of the live version was changed": {
    make: ({ bench }) =>
      overwrite(filesOf(join(bench.root, "registry"), /versions\/2\/model\/manifest\.json$/)[0]!),
    id: "registry",
    state: "problem",
    says: /manifest\.json/,
  },
  "the history of aliases is damaged": {
    make: ({ bench }) => {
      const [path] = filesOf(join(bench.root, "registry"), /alias-log\.jsonl$/);
      writeFileSync(path!, readFileSync(path!, "utf8").replace('"to":"2"', '"to":"1"'));
    },
    id: "registry",
    state: "problem",
    says: /backup|adopt/,
  },
  "the registry is another folder": {
    make: ({ bench }) => rmSync(join(bench.root, "registry", "registry.json")),
    id: "registry",
    state: "problem",
    says: /registry\.json/,
  },
};

describe("what is wrong is found, and what to type is said", () => {
  test.each(Object.entries(TROUBLES))("%s", async (_name, { make, id, state, says, verify = false }) => {
    const world = id === "state.unfinished" ? await openWorld({ gate: "pass" }) : await project();
    await make(world);
    const before = hashTree(world.bench.root);
    const checks = await examined(world, { verify });
    const found = wrong(checks).filter((one) => one.id === id || one.id.startsWith(`${id}.`));
    expect(wrong(checks)).toEqual(found);
    expect(found[0]).toMatchObject({ state });
    expect(found[0]!.next.length).toBeGreaterThan(0);
    expect(checkupText(found, createStyle({ color: false, width: 100 }))).toMatch(says);
    expect(checkupDocument(checks).healthy).toBe(state !== "problem");
    expect(hashTree(world.bench.root)).toEqual(before);
  });

  test("a lock whose process has ended, or is at work, is nothing to do about", async () => {
    const world = await project();
    lock(world.bench.root, lockOf({}));
    lock(world.bench.root, lockOf({ pid: process.pid }), "other.lock");
    const checks = await examined(world);
    expect(wrong(checks)).toEqual([]);
    const titles = checks.filter(({ id }) => id === "locks").map(({ title }) => title);
    expect(titles).toEqual([expect.stringContaining("has ended"), expect.stringContaining("at work")]);
  });

  test("several at once are told together", async () => {
    const world = await project();
    overwrite(runFile(world, "document.json"));
    lock(world.bench.root, "?");
    appendFileSync(join(world.bench.root, "registry", "registry.json"), "x");
    expect(wrong(await examined(world)).map(({ id }) => id)).toEqual(["state.document", "locks", "registry"]);
  });
});

describe("the machine", () => {
  test.each([
    ["20.19.0", "ok"],
    ["20.18.3", "problem"],
    ["18.20.0", "problem"],
    ["22.0.0", "ok"],
    ["26.1.0", "ok"],
  ])("Node %s is %s", (version, state) => expect(checkNode(version).state).toBe(state));

  test("a folder that cannot be made is told without making it", async () => {
    const { bench } = await openWorld({ gate: "pass" });
    expect(writeProblem(join(bench.root, "a", "b"))).toBeNull();
    writeFileSync(join(bench.root, "file"), "");
    expect(writeProblem(join(bench.root, "file", "b"))).toMatch(/is no folder/);
    expect(readdirSync(bench.root)).toEqual(["file"]);
  });
});

describe("channels are reached, and told nothing", () => {
  const on = ["escalated"] as const;
  const looked = async (...notify: readonly ChannelSpec[]) =>
    (await examined(await openWorld({ gate: "pass" }), { notify })).filter(({ id }) => id === "notify");

  test("a port that listens, one that does not, a program, and what is not set", async () => {
    let received = 0;
    const server = createServer((socket) =>
      socket.on("data", (chunk) => {
        received += chunk.length;
      }),
    ).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const webhook = (url: string): ChannelSpec => ({ kind: "webhook", url, shape: "json", on });
    const found = await looked(
      webhook(`http://127.0.0.1:${port}/secret-path`),
      webhook("http://127.0.0.1:1/secret-path"),
      webhook(""),
      { kind: "command", argv: ["sh", "x.sh"], cwd: "/", on },
      { kind: "command", argv: ["no-such-program"], cwd: "/", on },
    );
    expect(found.map(({ state }) => state)).toEqual(["ok", "problem", "skipped", "ok", "problem"]);
    expect(found[1]!.next).toEqual(["`retrain notify test --channel 2` once that is put right"]);
    expect(found[1]!.title).toMatch(/ECONNREFUSED/);
    expect(JSON.stringify(found)).not.toContain("secret-path");
    expect(received).toBe(0);
  });

  test("a mail server that answers, one that wants a login, and none", async () => {
    const open = await mailServer();
    const closed = await mailServer({ login: { user: "me", password: "right" } });
    const mail = (port: number): ChannelSpec => ({
      kind: "email",
      to: ["oncall@example.com"],
      from: "forecasts@example.com",
      server: `smtp://127.0.0.1:${port}`,
      login: null,
      ca: null,
      subject: null,
      on,
    });
    const found = await looked(mail(open.port), mail(1), {
      ...mail(closed.port),
      login: { user: "me", password: "wrong" },
    } as ChannelSpec);
    expect(found.map(({ state }) => state)).toEqual(["ok", "problem", "problem"]);
    expect(found[1]!.title).toMatch(/e-mail to oncall@example.com cannot be told anything/);
    expect([...open.mails, ...closed.mails]).toEqual([]);
  });
});
