import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Row, WITHOUT_CHAMPION } from "./table.js";

/** What is the runbook's doing, on every registry. */
export const RUNBOOK_ROWS: readonly Row[] = [
  {
    what: "model.name is another one",
    harm: (world) => ({
      project: { ...world.project, model: world.fresh(world.project.model) },
      undo: () => undefined,
    }),
    gone: "name by state",
    ways: WITHOUT_CHAMPION,
  },
  {
    what: "model.name is another one, on a machine that has never run it",
    isTypical: true,
    harm: (world) => {
      const state = join(world.root, world.fresh("state"));
      return {
        project: { ...world.project, model: world.fresh(world.project.model), state },
        undo: () => ({ ...world.project, state }),
      };
    },
    gone: "name by run",
    ways: WITHOUT_CHAMPION,
  },
  {
    what: "model.name is another one, in a checkout that was moved",
    harm: (world) => {
      const moved = moveCheckout(world.root, world.fresh("moved"), world.project);
      return { project: { ...moved, model: world.fresh(world.project.model) }, undo: () => moved };
    },
    gone: "name by state",
    ways: WITHOUT_CHAMPION,
  },
  {
    what: "model.alias is another one",
    harm: (world) => ({
      project: { ...world.project, alias: world.fresh("live") },
      undo: () => undefined,
    }),
    gone: "alias by run",
    ways: WITHOUT_CHAMPION,
  },
  {
    what: "registry.uri is another one",
    harm: (world) => ({
      project: { ...world.project, registry: world.backend.elsewhere(world.root) },
      undo: () => undefined,
    }),
    gone: "registry by state",
    ways: ["restore", "push", "adopt VERSION", "adopt --none", "approve"],
  },
];

/** Runbook and state directory stand somewhere else then. */
export function moveCheckout<T extends { readonly state: string; readonly runbook: string }>(
  root: string,
  name: string,
  project: T,
): T {
  const [state, runbook] = [join(root, name, "state"), join(root, name, "runbook.yaml")];
  mkdirSync(join(root, name));
  renameSync(project.state, state);
  renameSync(project.runbook, runbook);
  return { ...project, state, runbook };
}
