import fc from "fast-check";
import { expect, test } from "vitest";
import type { AliasMove, ModelRegistry } from "../../../../src/kit/registry.js";
import { contentOf, copy, MODEL, move, openAt, tempFolder, writer } from "./support.js";

type Step =
  | { readonly do: "quarter" | "start" | "finish"; readonly at: 0 | 1 }
  | { readonly do: "move"; readonly at: 0 | 1; readonly pick: number; readonly alias: string }
  | { readonly do: "copy"; readonly at: 0 | 1 };

const side = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("quarter" as const, "start" as const, "finish" as const), at: side }),
  fc.record({
    do: fc.constant("move" as const),
    at: side,
    pick: fc.nat(9),
    alias: fc.constantFrom("best", "candidate"),
  }),
  fc.record({ do: fc.constant("copy" as const), at: side }),
);

type Moves = readonly (Pick<AliasMove, "alias" | "key"> & { readonly to: string | undefined })[];
const ofAlias = (moves: Moves, alias: string) =>
  moves.filter((item) => item.alias === alias).map(({ key, to }) => `${key} ${to}`);
const isPrefix = (short: readonly string[], long: readonly string[]) =>
  short.every((item, index) => long[index] === item);

/** Copies, and checks that every alias of the target either stood still or followed the source forward. */
async function copyForward(from: ModelRegistry, to: ModelRegistry): Promise<void> {
  const [source, before] = [await contentOf(from), await contentOf(to)];
  await copy(from, to);
  const after = await contentOf(to);
  for (const alias of ["best", "candidate"]) {
    const [ours, was, is] = [source, before, after].map(({ history }) => ofAlias(history as Moves, alias));
    const follows = isPrefix(was!, ours!);
    expect(is).toEqual(follows ? ours : was);
  }
}

test("any interleaving of pushes and pulls: both hold the union, once, and aliases only went forward", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      const folder = await tempFolder();
      const write = writer(folder);
      const registries = [openAt(folder, "a"), openAt(folder, "b")] as const;
      const made: string[] = [];
      const open: [string[], string[]] = [[], []];
      for (const [index, item] of steps.entries()) {
        const here = registries[item.at];
        const key = `${item.at}.${index}`;
        if (item.do === "quarter" || item.do === "start") {
          const version = await write.version(here, key);
          made.push(key);
          if (item.do === "quarter") await write.conclude(here, version);
          else open[item.at].push(version.version);
        } else if (item.do === "finish") {
          const version = open[item.at].shift();
          if (version !== undefined) await write.conclude(here, (await here.getVersion(MODEL, version))!);
        } else if (item.do === "copy") {
          await copyForward(here, registries[1 - item.at]!);
        } else if (item.do === "move") {
          const versions = await here.listVersions(MODEL);
          const version = versions[item.pick % Math.max(1, versions.length)];
          if (version !== undefined) await move(here, version.version, `move ${key}`, item.alias);
        }
      }
      await copyForward(registries[0], registries[1]);
      await copyForward(registries[1], registries[0]);
      const [a, b] = [await contentOf(registries[0]), await contentOf(registries[1])];
      expect(Object.keys(a.models).sort()).toEqual([...made].sort());
      expect(b.models).toEqual(a.models);
      expect(b.runs).toEqual(a.runs);
      for (const registry of registries) {
        const keys = (await registry.aliasHistory(MODEL)).map((item) => item.key);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }),
    { numRuns: 12 },
  );
}, 180_000);
