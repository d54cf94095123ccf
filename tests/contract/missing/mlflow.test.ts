import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { describeWithMlflow } from "../../support/mlflow/require.js";
import { chosen, FULL } from "../../support/thorough.js";
import { openServer } from "../registry/support/mlflow-server.js";
import { healthyTests, TYPICAL_CHANGES } from "./healthy.js";
import type { Kind } from "./page.js";
import { RUNBOOK_ROWS } from "./runbook-rows.js";
import { handsOn, serverChanges, serverRows } from "./server.js";
import { type Row, rowTest } from "./table.js";
import { type Backend, SharedWorld, type World } from "./world.js";

const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
let made = 0;

/** What begins so is left alone by the suites that empty the server. */
const PREFIX = `e2e-missing-${process.pid}-${Date.now()}`;

const backendOn = (uri: string): Backend => ({
  async open() {
    const model = `${PREFIX}-${made++}`;
    return { model, registry: async () => mlflowRegistry(await openServer(uri, model)) };
  },
  elsewhere: (root) => {
    const folder = `local-${made++}`;
    return async () =>
      embeddedRegistry({ folder: join(root, folder), files: nodeFiles(), clock }, `file:${folder}`);
  },
});

/** Every row and every way out of it by night; for every change the first way out of those that stand for the others. */
const WAYS = FULL ? "every" : "first";
const typical = (rows: readonly Row[]) => chosen(rows, ({ isTypical }) => isTypical === true);

/** A world's first model is what its experiment is called after. */
const experiment = ({ project: { name } }: World) => name;

describeWithMlflow("what was live and is not there, on MLflow on sqlite", "sqlite", (uri) => {
  const backend = backendOn(uri);
  const hands = handsOn(uri);
  describe("on the server", () => {
    const shared = new SharedWorld(backend);
    afterAll(() => shared.remove(), 120_000);
    for (const row of typical(serverRows(hands, experiment))) rowTest(shared, row, WAYS);
  });
  describe("in the runbook", () => {
    const shared = new SharedWorld(backend);
    afterAll(() => shared.remove(), 120_000);
    // What the runbook does is the same on every registry, but for what only the server can tell.
    const typed = (gone: string | null) => (gone === "registry by state" ? ["push"] : ["restore"]) as Kind[];
    for (const row of typical(RUNBOOK_ROWS))
      rowTest(shared, row.gone === "name by run" ? row : { ...row, typed: typed(row.gone) }, WAYS);
  });
  describe("what promotes as ever", () => {
    const shared = new SharedWorld(backend);
    afterAll(() => shared.remove(), 120_000);
    healthyTests(shared, backend, serverChanges(hands, experiment), FULL ? undefined : TYPICAL_CHANGES);
  });
});

// What the database has a part in: what is searched for when it was deleted.
describeWithMlflow("what was live and is not there, on MLflow on postgresql", "postgresql", (uri) => {
  const shared = new SharedWorld(backendOn(uri));
  afterAll(() => shared.remove(), 120_000);
  for (const row of serverRows(handsOn(uri), experiment).filter(({ onEvery }) => onEvery))
    rowTest(shared, row, WAYS);
});
