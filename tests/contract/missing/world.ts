import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { ModelRegistry, ModelVersion } from "../../../src/kit/registry.js";
import { type Ended, type Project, runSmallQuarter } from "../../support/small-quarters.js";

/** One kind of registry. */
export interface Backend {
  /** A registry that is empty, with a model name that nobody else uses. */
  open(root: string): Promise<{ readonly registry: () => Promise<ModelRegistry>; readonly model: string }>;
  /** Another one, as another address would be; each time. */
  elsewhere(root: string): () => Promise<ModelRegistry>;
}

/** A project whose quarters are run one after the other. */
export class World {
  /** What the next quarter is run with. */
  project: Project;
  readonly root: string;
  readonly backend: Backend;
  #quarters = 0;
  #names = 0;

  constructor(root: string, project: Project, backend: Backend) {
    this.root = root;
    this.project = project;
    this.backend = backend;
  }

  /** A project in which nothing has ever been. */
  static async empty(backend: Backend): Promise<World> {
    const root = mkdtempSync(join(tmpdir(), "retrain-missing-"));
    const { registry, model } = await backend.open(root);
    const runbook = join(root, "runbook.yaml");
    const project = { state: join(root, "state"), registry, model, alias: "best", runbook, name: model };
    return new World(root, project, backend);
  }

  /** One in which versions 1 and 2 were promoted. */
  static async lived(backend: Backend): Promise<World> {
    const world = await World.empty(backend);
    await world.promotes();
    await world.promotes();
    return world;
  }

  /** The label of a quarter that was not run yet. */
  quarter(): string {
    const number = 2021 * 4 + 3 + this.#quarters++;
    return `${Math.floor(number / 4)}Q${(number % 4) + 1}`;
  }

  /** A name that was not given yet. */
  fresh(what: string): string {
    return `${what}-${++this.#names}`;
  }

  async promotes(): Promise<Ended> {
    const ended = await runSmallQuarter(this.project, this.quarter());
    expect(ended.failure).toBeNull();
    expect(ended.verdict).toMatch(/^promoted/);
    return ended;
  }

  /** The version that is live, which must be there. */
  async live(): Promise<ModelVersion> {
    const { model, alias } = this.project;
    const registry = await this.project.registry();
    const live = await registry.getAlias(model, alias);
    return (await registry.getVersion(model, live ?? "none"))!;
  }

  /** The version that was live before it. */
  async before(): Promise<string> {
    const { model, alias } = this.project;
    const { version } = await this.live();
    const moves = await (await this.project.registry()).aliasHistory(model);
    return moves.findLast((move) => move.alias === alias && move.to === version && move.from !== version)!
      .from!;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A world is lived in by so many tests, then by nobody: the longer its past, the longer its calls. */
const TESTS_PER_WORLD = 5;

/** A world that tests share one after the other; one that a test left without saying so is given up. */
export class SharedWorld {
  #world: World | null = null;
  #uses = 0;
  readonly #all: World[] = [];
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async use(test: (world: World) => Promise<void>): Promise<void> {
    const world = this.#world ?? (await World.lived(this.#backend));
    if (this.#world === null) this.#all.push(world);
    this.#world = null;
    await test(world);
    this.#uses++;
    if (this.#uses % TESTS_PER_WORLD !== 0) this.#world = world;
  }

  remove(): void {
    for (const world of this.#all) world.remove();
  }
}
