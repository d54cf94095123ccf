import { describe, expect, test } from "vitest";
import { makeOnce } from "../../../../src/registry/mlflow/make-once.js";
import {
  type Answer,
  closedPort,
  failureOf,
  inTurn,
  json,
  OK,
  opened,
  post,
  serve,
} from "./http/support/servers.js";

const broken = json({ error_code: "INTERNAL_ERROR", message: "later" }, 500);
const silent: Answer = () => undefined;
const gone: Answer = (response) => void response.destroy();

/** What is made with one POST, on a server that answers so; `madeBy` says which of the calls makes it in spite of its answer. */
async function making(answer: Answer, { madeBy = 0, env = {} } = {}) {
  const { host, calls } = await serve(answer);
  const connection = await opened(`http://${host}`, env);
  let looks = 0;
  const work = makeOnce(connection, {
    make: async () => `made by ${(await post(connection, "/runs/create")).status}`,
    find: async () => {
      looks++;
      return madeBy > 0 && calls.length >= madeBy ? "found" : null;
    },
  });
  return { work, calls, looks: () => looks, pauses: connection.pauses };
}

describe("a call that must not be made twice", () => {
  test("that succeeds is made once, and nobody looks", async () => {
    const { work, calls, looks } = await making(OK);
    expect(await work).toBe("made by 200");
    expect([calls.length, looks()]).toEqual([1, 0]);
  });

  test.each([
    ["an error of the server", broken],
    ["a reset", gone],
  ])("that was carried out in spite of %s is found, and not made again", async (_name, answer) => {
    const { work, calls, pauses } = await making(answer, { madeBy: 1 });
    expect(await work).toBe("found");
    expect(calls.length).toBe(1);
    expect(pauses).toEqual([375]);
  });

  test("that was not carried out is made again", async () => {
    const { work, calls, looks, pauses } = await making(inTurn(broken, gone, OK));
    expect(await work).toBe("made by 200");
    expect([calls.length, looks()]).toEqual([3, 2]);
    expect(pauses).toEqual([375, 750]);
  });

  test("is given up after three attempts, the last of which may have been carried out", async () => {
    const { work, calls } = await making(broken);
    expect(await failureOf(work)).toMatchObject({ code: "registry.server-error", status: 500, attempts: 3 });
    expect(calls.length).toBe(3);
    expect(await (await making(broken, { madeBy: 3 })).work).toBe("found");
  });

  test("after as many attempts as the user allows", async () => {
    const { work, calls } = await making(broken, { env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1" } });
    expect(await failureOf(work)).toMatchObject({ attempts: 2 });
    expect(calls.length).toBe(2);
  });

  test("and that the server may still be at, after a time-out, is looked for and not made again", async () => {
    const env = { MLFLOW_HTTP_REQUEST_TIMEOUT: "0.3" };
    const { work, calls, looks } = await making(silent, { env });
    expect(await failureOf(work)).toMatchObject({
      code: "registry.unreachable",
      reason: "timeout",
      attempts: 1,
    });
    expect([calls.length, looks()]).toEqual([1, 1]);
    expect(await (await making(silent, { env, madeBy: 1 })).work).toBe("found");
  });

  test.each([
    ["a refusal", json({}, 401), "registry.denied"],
    ["a limit that stays", json({}, 429), "registry.server-error"],
  ])("that failed with %s fails at once", async (_name, answer, code) => {
    const { work, looks } = await making(answer);
    expect(await failureOf(work)).toMatchObject({ code });
    expect(looks()).toBe(0);
  });

  test("and that nobody heard of fails as it did, without a look", async () => {
    const connection = await opened(`http://${await closedPort()}`);
    const find = () => Promise.reject(new Error("nobody looks"));
    const work = makeOnce(connection, { make: () => post(connection, "/runs/create"), find });
    expect(await failureOf(work)).toMatchObject({ code: "registry.unreachable", reason: "refused" });
  });
});
