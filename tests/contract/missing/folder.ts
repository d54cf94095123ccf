import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Harm, Row } from "./table.js";
import { WITHOUT_CHAMPION } from "./table.js";
import type { World } from "./world.js";

/** Hands that do to a registry in a folder what retrain never does. */

const at = ({ root }: World, path: string) => join(root, "registry", path);

/** Moves files of the registry away; undone, they replace what came in their place. */
function takeAway(world: World, ...paths: readonly string[]): Harm {
  const away = mkdtempSync(join(world.root, "away-"));
  for (const [i, path] of paths.entries()) renameSync(at(world, path), join(away, String(i)));
  return {
    undo: () => {
      for (const [i, path] of paths.entries()) {
        rmSync(at(world, path), { recursive: true, force: true });
        renameSync(join(away, String(i)), at(world, path));
      }
      return undefined;
    },
  };
}

/** Flips a bit in the middle of a file; undone, the folder that it stands in is as it was. */
function damage(world: World, path: string): Harm {
  const bytes = readFileSync(at(world, path));
  const sound = Buffer.from(bytes);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(at(world, path), bytes);
  return {
    undo: () => {
      writeFileSync(at(world, path), sound);
      return undefined;
    },
  };
}

const versionPath = async (world: World) => `${versionsPath(world)}/${(await world.live()).version}`;
const versionsPath = (world: World) => `${modelPath(world)}/versions`;
const modelPath = ({ project: { model } }: World) => `models/${model}`;

const DAMAGED = ["remake", "restore", "approve", "rollback"] as const;

export const FOLDER_ROWS: readonly Row[] = [
  {
    what: "the champion's folder is gone",
    isTypical: true,
    harm: async (world) => takeAway(world, await versionPath(world)),
    gone: "version by moves",
    ways: ["restore", "rollback", "adopt VERSION", "adopt --none", "approve"],
    alsoDry: true,
  },
  {
    what: "the champion's folder has another number",
    harm: async (world) => {
      const [path, other] = [await versionPath(world), `${versionsPath(world)}/9999`];
      rmSync(at(world, other), { recursive: true, force: true });
      renameSync(at(world, path), at(world, other));
      return {
        undo: () => {
          renameSync(at(world, other), at(world, path));
          return undefined;
        },
      };
    },
    gone: "version by moves",
    ways: ["restore", "rollback", "adopt VERSION", "adopt --none", "approve"],
  },
  {
    what: "every version is gone",
    harm: (world) => takeAway(world, versionsPath(world)),
    gone: "version by moves",
    ways: WITHOUT_CHAMPION,
    alsoDry: true,
  },
  {
    what: "the model's folder is gone",
    harm: (world) => takeAway(world, modelPath(world)),
    gone: "alias by run",
    ways: WITHOUT_CHAMPION,
    alsoDry: true,
  },
  {
    what: "every model's folder is gone",
    harm: (world) => takeAway(world, "models"),
    gone: "alias by run",
    ways: WITHOUT_CHAMPION,
  },
  {
    what: "the registry's folder is gone",
    isTypical: true,
    harm: (world) => takeAway(world, ""),
    gone: "model by state",
    ways: WITHOUT_CHAMPION,
    alsoDry: true,
  },
  {
    what: "the registry's folder is an empty one",
    harm: (world) => {
      const harm = takeAway(world, "");
      mkdirSync(at(world, ""));
      return harm;
    },
    gone: "model by state",
    ways: WITHOUT_CHAMPION,
  },
  {
    what: "the record of moves is gone, with its seal",
    isTypical: true,
    harm: (world) =>
      takeAway(
        world,
        ...["alias-log.jsonl", "alias-log.seal.json"].map((file) => `${modelPath(world)}/${file}`),
      ),
    gone: "alias by run",
    ways: WITHOUT_CHAMPION,
    alsoDry: true,
  },
  {
    what: "the record of moves is damaged",
    isTypical: true,
    harm: (world) => damage(world, `${modelPath(world)}/alias-log.jsonl`),
    gone: null,
    ways: ["adopt VERSION", "restore"],
    alsoDry: true,
  },
  {
    what: "the champion's graph is damaged",
    harm: async (world) => damage(world, `${await versionPath(world)}/model/model.onnx`),
    gone: null,
    ways: DAMAGED,
    alsoDry: true,
  },
  {
    what: "the champion's record is damaged",
    isTypical: true,
    harm: async (world) => damage(world, `${await versionPath(world)}/version.json`),
    gone: null,
    ways: DAMAGED,
    alsoDry: true,
  },
  {
    what: "the version before the champion is gone",
    harm: async (world) => takeAway(world, `${versionsPath(world)}/${await world.before()}`),
    gone: "version by moves",
    ways: ["restore", "approve"],
    alsoDry: true,
  },
  {
    what: "the record of the version before the champion is damaged",
    harm: async (world) => damage(world, `${versionsPath(world)}/${await world.before()}/version.json`),
    gone: "version by moves",
    ways: ["restore", "approve"],
  },
  {
    what: "the champion's run is gone",
    harm: async (world) => takeAway(world, `runs/${(await world.live()).runId}`),
    gone: "run by version",
    ways: ["restore", "adopt the live one", "approve", "rollback"],
    alsoDry: true,
  },
  {
    what: "every run is gone",
    isTypical: true,
    harm: (world) => takeAway(world, "runs"),
    gone: "run by version",
    ways: ["restore", "adopt the live one", "approve", "rollback"],
  },
];
