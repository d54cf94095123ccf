import { describe, expect, test } from "vitest";
import { atOnce } from "../../../src/kit/at-once.js";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("several at a time", () => {
  test("begun in order, never more than the limit, results in the order of the items", async () => {
    const begun: number[] = [];
    let under = 0;
    let most = 0;
    const results = await atOnce(3, [5, 1, 4, 2, 3], async (turns) => {
      begun.push(turns);
      most = Math.max(most, ++under);
      for (let i = 0; i < turns; i++) await turn();
      under--;
      return turns * 10;
    });
    expect(begun).toEqual([5, 1, 4, 2, 3]);
    expect(most).toBe(3);
    expect(results).toEqual([50, 10, 40, 20, 30]);
  });

  test("a failure waits for what has begun, and nothing more begins", async () => {
    const ended: string[] = [];
    const begun: string[] = [];
    const work = async (name: string) => {
      begun.push(name);
      await turn();
      if (name === "bad") throw new Error("bad");
      await turn();
      await turn();
      ended.push(name);
    };
    await expect(atOnce(2, ["good", "bad", "never"], work)).rejects.toThrow("bad");
    expect(begun).toEqual(["good", "bad"]);
    expect(ended).toEqual(["good"]);
  });

  test("nothing to do", async () => {
    expect(await atOnce(4, [], async () => 1)).toEqual([]);
  });
});
