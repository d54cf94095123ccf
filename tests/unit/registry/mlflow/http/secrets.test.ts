import fc from "fast-check";
import { expect, test } from "vitest";
import type { FailureError } from "../../../../../src/kit/failure.js";
import { maskOf } from "../../../../../src/registry/mlflow/http/mask.js";
import { settingsOf } from "../../../../../src/registry/mlflow/http/settings.js";
import { explainFailure } from "../../../../../src/report/failures/explain.js";
import { closedPort, failureOf, get, json, opened, serve, serveProxy } from "./support/servers.js";

/** Long enough to be in no text by chance; with the signs that have a meaning in URLs, JSON and HTML. */
const secret = fc.string({
  unit: fc.constantFrom(..."aZ9/?#@:%&=+ \"'<>\\é~-_."),
  minLength: 8,
  maxLength: 20,
});
const visible = fc.string({
  unit: fc.constantFrom(..."aZ9/?#@:%&=+\"'<>\\~-_."),
  minLength: 8,
  maxLength: 20,
});

/** Every form in which a secret could be read or decoded. */
const formsOf = (word: string): string[] => [
  word,
  encodeURIComponent(word),
  JSON.stringify(word).slice(1, -1),
  Buffer.from(`user:${word}`).toString("base64"),
];

/** All that a failure shows: its data and cause as they are logged, and its words. */
async function shown(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: FailureError) => thrown,
  );
  expect(error?.failure).toBeDefined();
  const { failure, cause } = error!;
  const said = [
    JSON.stringify(failure),
    JSON.stringify(explainFailure(failure)),
    String(error),
    String(cause),
  ];
  // Once more as it was before JSON escaped it.
  return [...said, ...said.map((text) => text.replaceAll('\\"', '"').replaceAll("\\\\", "\\"))].join("\n");
}

const expectHidden = (text: string, word: string) => {
  for (const form of formsOf(word)) expect(text).not.toContain(form);
};

test("no failure shows a password, wherever it was given and whatever the server repeats", async () => {
  let echo = "";
  let status = 500;
  const { host } = await serve((response, _, { headers }) => {
    const decoded = Buffer.from(headers.authorization?.split(" ")[1] ?? "", "base64").toString();
    const body = `${echo} ${headers.authorization} ${decoded} http://${decoded}@db/x`;
    if (status === 404) json({ error_code: "X", message: body }, 404)(response, 1, null as never);
    else
      response
        .writeHead(status, { "content-type": "text/html", location: `http://user:x@h/${echo}` })
        .end(body);
  });
  const dead = await closedPort();
  await fc.assert(
    fc.asyncProperty(
      secret,
      visible,
      fc.constantFrom(200, 302, 401, 403, 404, 429, 500),
      async (password, token, answer) => {
        status = answer;
        const encoded = encodeURIComponent(password);
        const inUri = (at: string) => `http://user:${encoded}@${at}`;
        const once = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
        const basic = { ...once, MLFLOW_TRACKING_USERNAME: "user", MLFLOW_TRACKING_PASSWORD: password };
        for (const [uri, env, word] of [
          [inUri(host), once, password],
          [`http://${host}`, basic, password],
          [`http://${host}`, { ...once, MLFLOW_TRACKING_TOKEN: token }, token],
          [inUri(dead), once, password],
        ] as const) {
          echo = `${word} ${encodeURIComponent(word)}`;
          const connection = await opened(uri, env);
          expect(connection.baseUrl).not.toContain("@");
          const work = get(connection);
          if (status === 404 && !uri.endsWith(dead))
            expectHidden(JSON.stringify(await (await work).json()), word);
          else expectHidden(await shown(work), word);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("no failure shows the password of a proxy", async () => {
  let answer = 403;
  const proxy = await serveProxy(() => answer);
  await fc.assert(
    fc.asyncProperty(
      secret,
      fc.constantFrom(403, 407, 502),
      fc.boolean(),
      async (password, status, secure) => {
        answer = status;
        const address = `http://user:${encodeURIComponent(password)}@${proxy.host}`;
        const env = { HTTP_PROXY: address, HTTPS_PROXY: address, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
        expectHidden(
          await shown(get(await opened(`http${secure ? "s" : ""}://mlflow.invalid`, env))),
          password,
        );
      },
    ),
    { numRuns: 20 },
  );
});

test("an address that cannot be used shows no part of its password, encoded or not", async () => {
  await fc.assert(
    fc.asyncProperty(secret, fc.constantFrom("http:", "ftp:", "", "http:/"), async (word, scheme) => {
      const marked = `S3CR3T${word}S3CR3T`;
      const settings = await settingsOf(`${scheme}//user:${marked}@ho st/x`, {}).catch(
        async (error: unknown) => failureOf(Promise.reject(error)),
      );
      expect(JSON.stringify(settings)).not.toContain("S3CR3T");
    }),
  );
});

test("users and passwords in whatever address the server names are hidden", () => {
  const mask = maskOf([]);
  expect(
    mask("cannot connect to postgresql://mlflow:pw@db:5432/mlflow, see https://docs.example.org/a@b"),
  ).toBe("cannot connect to postgresql://***@db:5432/mlflow, see https://docs.example.org/a@b");
});
