import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapTexts } from "../../../../src/kit/json.js";
import { isSecretName, secretsOfEnvironment } from "../../../../src/kit/secrets/environment.js";
import { Masker } from "../../../../src/kit/secrets/masker.js";
import { escapeMarkdown } from "../../../../src/report/page/markdown.js";
import { escapeHtml } from "../../../../src/report/page/markup.js";
import { wrap } from "../../../../src/report/text.js";
import { SHAPES, traces } from "./shapes.js";

const masking = (...secrets: string[]) => new Masker(secrets).mask;

describe("what is hidden", () => {
  test.each<[string, string[], string, string]>([
    ["nothing to hide", [], "as it is", "as it is"],
    ["every place", ["hunter22"], "hunter22 and hunter22hunter22", "*** and ******"],
    [
      "one inside another, the short one first",
      ["abcdefgh", "abcdefghijkl"],
      "abcdefghijkl abcdefgh",
      "*** ***",
    ],
    [
      "one inside another, the long one first",
      ["abcdefghijkl", "cdefghij"],
      "abcdefghijkl xcdefghijx",
      "*** x***x",
    ],
    ["two that overlap", ["abcdefgh", "efghijkl"], "abcdefghijkl", "***"],
    ["one that overlaps itself", ["aXaXaXaXa"], "aXaXaXaXaXa", "***"],
    ["in JSON", ['pa"ss\\word'], JSON.stringify({ a: 'x pa"ss\\word' }), '{"a":"x ***"}'],
    ["in JSON inside JSON", ['pa"ss\\word'], JSON.stringify(JSON.stringify('pa"ss\\word')), '"\\"***\\""'],
    ["in JSON of Python", ["pässwörd"], '["p\\u00e4ssw\\u00f6rd"]', '["***"]'],
    ["in HTML", ["a<b>&'\"cd"], `<p>${escapeHtml("a<b>&'\"cd")}</p>`, "<p>***</p>"],
    ["in Markdown", ["to_ken*1* [x]"], `| ${escapeMarkdown("to_ken*1* [x]")} |`, "| *** |"],
    ["what looks like a pattern", ["a.c$&^[x"], "abc$& a.c$&^[x", "abc$& ***"],
    ["with space around it", [" secret-1\n"], "secret-1", "***"],
    ["a number that is long enough", ["12345678"], "12345678", "***"],
    ["in a URL, lower case too", ["a/b=c&d e"], "?k=a%2fb%3dc%26d%20e&x", "?k=***&x"],
    ["broken by a line end", ["hunter22hunter22"], "hunter2\n  2hunter22", "***"],
    ["across a page's gutter", ["hunter22hunter22"], "hunter22\n  │ hunter22", "***"],
  ])("%s", (_name, secrets, text, masked) => {
    expect(masking(...secrets)(text)).toBe(masked);
  });

  test.each([
    [
      "words of JSON and short values",
      ["", "  ", "true", "null", "2025", "0.25", "-12", "multi", "/multi", "1234567"],
    ],
    ["the frames of a key", [SHAPES.pem!]],
    ["the plain words of a credential", [SHAPES.credential!]],
  ])("%s hide no ordinary text", (_name, secrets) => {
    const text =
      '{"a":true,"b":2025,"c":0.25} /multi-store multi 1234567 -----BEGIN PRIVATE KEY----- service_account forecast';
    expect(masking(...secrets)(text)).toBe(text);
  });

  test("user and password of any address, known or not", () => {
    expect(masking()("at http://me:pw@host/x and postgresql+psycopg2://u:p@db")).toBe(
      "at http://***@host/x and postgresql+psycopg2://***@db",
    );
    expect(masking()("me@host, http://host:5000/a@b")).toBe("me@host, http://host:5000/a@b");
  });
});

describe.each(Object.entries(SHAPES))("a secret of the shape %s", (_shape, secret) => {
  const { mask, mayGoOn } = ((masker) => ({ mask: masker.mask, mayGoOn: masker.mayGoOn.bind(masker) }))(
    new Masker([secret]),
  );
  const whole = secret.trim();
  const clean = (masked: string) => {
    for (const trace of traces(secret)) expect(masked).not.toContain(trace);
  };

  test("leaves in no encoding", () => {
    for (const write of [
      (text: string) => text,
      JSON.stringify,
      (text: string) => JSON.stringify({ event: JSON.stringify(text) }),
      encodeURIComponent,
      (text: string) => new URLSearchParams({ a: text }).toString(),
      escapeHtml,
      escapeMarkdown,
      (text: string) => Buffer.from(text).toString("base64"),
      (text: string) => Buffer.from(`user:${text}`).toString("base64"),
      (text: string) => Buffer.from(`u:${text}!`).toString("base64url"),
      (text: string) => Buffer.from(text).toString("hex"),
      (text: string) => wrap(text, 20).join("\n    "),
      (text: string) => Buffer.from(text).toString("base64").replace(/.{12}/g, "$&\r\n"),
      (text: string) => JSON.stringify(Buffer.from(text).toString("base64").replace(/.{12}/g, "$&\n")),
    ])
      clean(mask(`before ${write(whole)} after`));
  });

  test("leaves in no list that it was cut for, and in no log that is written line by line", () => {
    for (let width = 3; width < 40; width += 5) {
      const pieces = whole.match(new RegExp(`[^]{1,${width}}`, "g"))!;
      clean(mapTexts(["first", ...pieces, "last"], mask).join(""));
      let held: string[] = [];
      let log = "";
      for (const line of ["first", ...pieces.flatMap((piece) => piece.split("\n")), "last", "."]) {
        held.push(line);
        if (mayGoOn(held.join("\n"))) continue;
        log += `${mask(held.join("\n"))}\n`;
        held = [];
      }
      log += mask(held.join("\n"));
      clean(log.replaceAll("\n", ""));
      expect(log).toContain("first");
      expect(log).toContain("last");
    }
  });
});

test("no secret is left, in whichever form it is written, and nothing else is gone", () => {
  const secret = fc.stringMatching(/^[ab"\\<&*é%]{8,14}$/);
  const noise = fc.stringMatching(/^[xyz ]{0,5}$/);
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(noise, { minLength: 2, maxLength: 5 }),
      (secrets, words) => {
        const mask = masking(...secrets);
        for (const write of [(text: string) => text, JSON.stringify, escapeHtml, escapeMarkdown]) {
          const text = words.map((word, i) => `${word}${write(secrets[i % secrets.length]!)}`).join("x");
          const masked = mask(text);
          for (const one of secrets) expect(masked).not.toContain(write(one).replace(/^"|"$/g, ""));
          expect(masked.replace(/[^xyz ]/g, "").length).toBe(words.join("x").length);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("variables that are called like secrets are, unless they hold a path or a word", () => {
  expect(["GITHUB_TOKEN", "SMTP_PASSWORD", "AWS_SECRET_ACCESS_KEY", "apikey"].every(isSecretName)).toBe(true);
  expect(["PWD", "OLDPWD", "HOME", "TOKENIZERS", "KEYBOARD", "SECRETARY"].some(isSecretName)).toBe(false);
  expect(
    secretsOfEnvironment({
      GITHUB_TOKEN: "ghp_abc123xyz",
      GOOGLE_APPLICATION_CREDENTIALS: "/etc/keys/a.json",
      API_TOKEN: "development",
      DB_PASSWORD: "short",
      OTHER: "value-of-another",
    }),
  ).toEqual(["ghp_abc123xyz"]);
});
