import type { Engine } from "../../engine/engine.js";
import { FailureError } from "../../kit/failure.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { remakePages } from "../../operations/decisions/pages.js";
import type { Terminal } from "../terminal.js";

/** Puts a decision on the pages of the runs that it is about. It stands whatever comes of that: then a warning says so, and the same words try again. */
export async function showOnPages(
  terminal: Terminal,
  {
    registry,
    engine,
    model,
    alias,
    runs,
  }: {
    readonly registry: ModelRegistry;
    readonly engine: Pick<Engine, "runs" | "files">;
    readonly model: string;
    readonly alias: string;
    /** Ids of registry runs. */
    readonly runs: readonly string[];
  },
): Promise<void> {
  try {
    await remakePages(registry, { model, alias, ids: runs }, engine);
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    terminal.talk(
      `! the decision stands, but its pages do not show it yet (${error.failure.code}): the same command tries again\n`,
    );
  }
}
