import { describe, expect, onTestFinished, test } from "vitest";
import { notificationKey } from "../../../src/notify/channel.js";
import { type DeliveryOptions, deliverNotice } from "../../../src/notify/deliver.js";
import type { NotificationLedger } from "../../../src/notify/ledger.js";
import { webhookChannel } from "../../../src/notify/webhook.js";
import { answering, closedPort, delivery, NOTICE, openLedger, SECRET, serve, status } from "./support.js";

const DECISION = "sha256:d1";

type Options = DeliveryOptions & { readonly decision: string };
const options = (given: Partial<Options> = {}): Options => ({
  decision: DECISION,
  ...delivery({ timeoutMs: 200, ...given }),
});

const channelOf = (url: string) => webhookChannel({ url, shape: "json" });

/** Delivers a payload; answers what could not be delivered. */
async function notifyWebhooks(urls: readonly string[], payload: unknown, { decision, ...given }: Options) {
  const notice = { ...NOTICE, payload, subject: decision };
  const results = await deliverNotice(urls.map(channelOf), notice, given);
  return results.flatMap(({ target, problem, attempts }) =>
    problem === null ? [] : [{ target, problem: attempts === 1 ? problem : `${problem}, ${attempts} times` }],
  );
}

test("delivers the payload as JSON", async () => {
  const { host, calls } = await status(200);
  const url = `http://${host}/hook/${SECRET}?a=1`;
  expect(await notifyWebhooks([url], { run: "2025Q2-1", text: "é" }, options())).toEqual([]);
  expect(calls).toMatchObject([
    {
      method: "POST",
      url: `/hook/${SECRET}?a=1`,
      headers: { "content-type": "application/json" },
      body: '{"run":"2025Q2-1","text":"é"}',
    },
  ]);
});

test("no webhook, no problem", async () => {
  expect(await notifyWebhooks([], {}, options())).toEqual([]);
});

describe("problems name the host and never the rest", () => {
  const problems: [string, () => Promise<{ url: string; target: string; problem: string | RegExp }>][] = [
    [
      "an error of the server",
      async () => {
        const { host } = await status(500);
        return {
          url: `http://${host}/${SECRET}`,
          target: `webhook at ${host}`,
          problem: "it answered 500, 3 times",
        };
      },
    ],
    [
      "not found",
      async () => {
        const { host } = await status(404);
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: "it answered 404" };
      },
    ],
    [
      "nobody listens",
      async () => {
        const host = await closedPort();
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: /ECONNREFUSED/ };
      },
    ],
    [
      "nobody listens at a name with several addresses",
      async () => {
        const host = (await closedPort()).replace("127.0.0.1", "localhost");
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: /ECONNREFUSED/ };
      },
    ],
    [
      "a redirect, which would carry the payload elsewhere",
      async () => {
        const other = await status(200);
        const { host } = await status(307, { location: `http://${other.host}/${SECRET}` });
        onTestFinished(() => expect(other.calls).toEqual([]));
        return {
          url: `http://${host}/${SECRET}`,
          target: `webhook at ${host}`,
          problem: "unexpected redirect",
        };
      },
    ],
    [
      "no answer",
      async () => {
        const { host } = await serve(() => undefined);
        return {
          url: `http://${host}/${SECRET}`,
          target: `webhook at ${host}`,
          problem: "no answer within 0.2 s, 3 times",
        };
      },
    ],
    [
      "a connection that breaks off",
      async () => {
        const { host } = await serve((response) => response.destroy());
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: /./ };
      },
    ],
    [
      "not a URL",
      async () => ({ url: `${SECRET}`, target: "webhook", problem: "what is configured is not a URL" }),
    ],
    [
      "no such protocol",
      async () => ({
        url: `gopher://example.invalid/${SECRET}`,
        target: "webhook at example.invalid",
        problem: "unknown scheme",
      }),
    ],
    [
      "a port that fetch refuses",
      async () => ({
        url: `http://127.0.0.1:9/${SECRET}`,
        target: "webhook at 127.0.0.1:9",
        problem: "bad port",
      }),
    ],
  ];

  test.each(problems)("%s", async (_name, make) => {
    const { url, target, problem } = await make();
    const found = await notifyWebhooks([url], {}, options());
    expect(found).toEqual([
      { target, problem: typeof problem === "string" ? problem : expect.stringMatching(problem) },
    ]);
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });
});

test.each([
  ["s%3Acret", "s:cret"],
  ["50%off", "50%off"],
])("a user and a password in the URL become a header: %s", async (written, password) => {
  const { host, calls } = await status(204);
  expect(await notifyWebhooks([`http://me:${written}@${host}/hook`], {}, options())).toEqual([]);
  expect(calls[0]!.headers.authorization).toBe(`Basic ${Buffer.from(`me:${password}`).toString("base64")}`);
  expect(calls[0]!.url).toBe("/hook");
});

test("one that fails never keeps the others from being told", async () => {
  const [good, bad, silent] = [await status(200), await status(503), await serve(() => undefined)];
  const urls = [silent, bad, good].map(({ host }) => `http://${host}/`);
  const found = await notifyWebhooks(["nonsense", ...urls], {}, options());
  expect(found.map(({ problem }) => problem)).toEqual([
    "what is configured is not a URL",
    "no answer within 0.2 s, 3 times",
    "it answered 503, 3 times",
  ]);
  expect(good.calls).toHaveLength(1);
});

describe("one message for each channel and decision", () => {
  test("the key is the same for every attempt and run, and another for another decision or channel", async () => {
    const { host, calls } = await answering(500, 500, 200);
    const send = (path: string, decision: string) =>
      notifyWebhooks([`http://${host}/${path}`], {}, options({ decision }));
    await send("a", "sha256:d1");
    await send("a", "sha256:d1");
    await send("a", "sha256:d2");
    await send("b", "sha256:d1");
    const keys = calls.map(({ headers }) => headers["idempotency-key"]);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(keys.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => keys[0]));
    expect(new Set(keys).size).toBe(3);
  });

  test("what is in the ledger as delivered is not sent again", async () => {
    const { host, calls } = await status(200);
    const ledger = openLedger();
    for (let run = 0; run < 3; run++)
      expect(await notifyWebhooks([`http://${host}/`], {}, options({ ledger }))).toEqual([]);
    expect(calls).toHaveLength(1);
    expect(ledger.lines.map(({ state }) => state)).toEqual(["sending", "delivered"]);
    await notifyWebhooks([`http://${host}/`], {}, options({ ledger, decision: "sha256:d2" }));
    expect(calls).toHaveLength(2);
  });

  test("a process that died between the POST and the ledger sends again, with the same key", async () => {
    const { host, calls } = await status(200);
    const broken: NotificationLedger = {
      delivered: async () => false,
      record: async ({ state }) => {
        if (state === "delivered") throw new Error("killed");
      },
    };
    const url = `http://${host}/`;
    await expect(notifyWebhooks([url], {}, options({ ledger: broken }))).rejects.toThrow("killed");
    await notifyWebhooks([url], {}, options());
    expect(calls).toHaveLength(2);
    expect(calls[1]!.headers["idempotency-key"]).toBe(calls[0]!.headers["idempotency-key"]);
  });

  test("a ledger that cannot be written keeps the message back", async () => {
    const { host, calls } = await status(200);
    const lost: NotificationLedger = {
      delivered: async () => false,
      record: async () => {
        throw new Error("the lock is lost");
      },
    };
    await expect(notifyWebhooks([`http://${host}/`], {}, options({ ledger: lost }))).rejects.toThrow("lost");
    expect(calls).toEqual([]);
  });

  test("a webhook that is named twice is told once", async () => {
    const { host, calls } = await status(200);
    await notifyWebhooks([`http://${host}/a`, `http://${host}/a`], {}, options());
    expect(calls).toHaveLength(1);
  });
});

describe("attempts within one run", () => {
  const outcomes: [string, readonly number[], number, string | null][] = [
    ["two errors of the server, then taken", [500, 503, 200], 3, null],
    ["too many requests, then taken", [429, 200], 2, null],
    ["never taken", [500], 3, "it answered 500, 3 times"],
    ["refused for good", [404, 200], 1, "it answered 404"],
    ["not authorised", [401, 200], 1, "it answered 401"],
  ];
  test.each(outcomes)("%s", async (_name, codes, posts, problem) => {
    const { host, calls } = await answering(...codes);
    const ledger = openLedger();
    const pauses: number[] = [];
    const wait = async (ms: number) => void pauses.push(ms);
    const found = await notifyWebhooks([`http://${host}/`], {}, options({ ledger, wait }));
    expect(found.map((one) => one.problem)).toEqual(problem === null ? [] : [problem]);
    expect(calls).toHaveLength(posts);
    expect(pauses).toEqual([500, 2000].slice(0, posts - 1));
    expect(ledger.lines.at(-1)).toMatchObject({
      state: problem === null ? "delivered" : "failed",
      attempts: posts,
      problem: problem?.replace(/, 3 times$/, "") ?? null,
    });
  });

  test("Ctrl-C during a pause: nothing more is sent, and the next run sends it", async () => {
    const { host, calls } = await answering(500, 200);
    const ledger = openLedger();
    const stop = new AbortController();
    const wait = async () => stop.abort("SIGINT");
    const interrupted = options({ ledger, wait, signal: stop.signal });
    expect(await notifyWebhooks([`http://${host}/`], {}, interrupted)).toEqual([
      { target: `webhook at ${host}`, problem: "it answered 500" },
    ]);
    expect(calls).toHaveLength(1);
    expect(ledger.lines.at(-1)).toMatchObject({ state: "failed", attempts: 1, problem: "it answered 500" });
    expect(await notifyWebhooks([`http://${host}/`], {}, options({ ledger }))).toEqual([]);
    expect(calls).toHaveLength(2);
  });

  test("Ctrl-C while a webhook does not answer: it is not waited for", async () => {
    const stop = new AbortController();
    const { host } = await serve(() => stop.abort("SIGINT"));
    const ledger = openLedger();
    const interrupted = options({ ledger, signal: stop.signal, timeoutMs: 60_000 });
    expect(await notifyWebhooks([`http://${host}/`], {}, interrupted)).toEqual([
      { target: `webhook at ${host}`, problem: "the run was interrupted" },
    ]);
    expect(ledger.lines.at(-1)).toMatchObject({ state: "failed", attempts: 1 });
  });

  test("a failed delivery is tried again by the next run", async () => {
    const { host, calls } = await answering(500, 500, 500, 200);
    const ledger = openLedger();
    const url = `http://${host}/`;
    expect(await notifyWebhooks([url], {}, options({ ledger }))).toHaveLength(1);
    expect(await notifyWebhooks([url], {}, options({ ledger }))).toEqual([]);
    expect(await notifyWebhooks([url], {}, options({ ledger }))).toEqual([]);
    expect(calls).toHaveLength(4);
  });
});

describe("a channel's name", () => {
  test("has the host and nothing that is secret", () => {
    const { id, target } = channelOf(
      `https://me:${SECRET}@hooks.example.com/services/${SECRET}?token=${SECRET}`,
    );
    expect(id).toMatch(/^hooks\.example\.com-[0-9a-f]{12}$/);
    expect(target).toBe("webhook at hooks.example.com");
    expect(`${id} ${target}`).not.toContain(SECRET);
  });

  test("tells paths and queries apart, and stays when a password changes", () => {
    const id = (url: string) => channelOf(url).id;
    expect(id("https://h/a")).not.toBe(id("https://h/b"));
    expect(id("https://h/a?x=1")).not.toBe(id("https://h/a?x=2"));
    expect(id("https://me:old@h/a")).toBe(id("https://me:new@h/a"));
  });

  test("keys do not change from one version to the next", () => {
    // printf '["h-…","sha256:d1"]' | sha256sum
    expect(notificationKey({ id: "h-000000000000" }, DECISION)).toBe(
      "15e5d8b026f8d26a0f2a8d1cce350e03ca8c4a9eea3fe4ef756f67c0e99c5efb",
    );
  });
});
