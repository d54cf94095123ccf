import { describe, expect, test } from "vitest";
import { parseRunbook } from "../../../src/runbook/parse.js";
import { stepTypes } from "../../../steps/index.js";

/** A runbook with this text as its list of channels. */
const parse = (notify: string, env: Record<string, string> = {}) =>
  parseRunbook(
    `version: 1
name: test
data:
  source: demand.csv
  frequency: month
  columns: { series: id, time: month, target: y }
model: { name: demand, horizon: 6 }
steps:
  - { id: validate, uses: validate-data }
escalation:
  notify: ${notify}
`,
    "/books/runbook.yaml",
    { stepTypes, env, overrides: [] },
  );

function valid(notify: string, env: Record<string, string> = {}) {
  const parsed = parse(notify, env);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics, null, 2));
  return parsed.runbook;
}

const messages = (notify: string, env: Record<string, string> = {}) => {
  const parsed = parse(notify, env);
  return parsed.ok
    ? []
    : parsed.diagnostics.map(({ message, path, suggestion }) => ({ message, path, suggestion }));
};

describe("escalation.notify", () => {
  test("a webhook alone is what it always was", () => {
    expect(valid("[{ webhook: https://hooks.example.com/a }]").escalation.notify).toEqual([
      { kind: "webhook", on: ["escalated"], url: "https://hooks.example.com/a", shape: "json" },
    ]);
    expect(valid("[]").escalation.notify).toEqual([]);
  });

  test("every kind of channel, with its defaults", () => {
    const { notify } = valid(`
    - { webhook: "https://h/a", shape: teams, on: always }
    - { email: { to: a@b.c, from: d@e.f, server: "smtp://h" }, on: [failed, escalated] }
    - { email: { to: [a@b.c, ""], from: d@e.f, server: "smtps://h", user: u, password: pppppppp, ca: ca.pem, subject: "[x]" } }
    - { pagerduty: { routingKey: kkkkkkkk } }
    - { github: { issue: { repository: a/b, token: tttttttt, labels: [x] } }, on: failed }
    - { github: summary }
    - { command: [notify-send, hello] }`).escalation;
    expect(notify).toEqual([
      { kind: "webhook", on: ["escalated", "promoted", "failed"], url: "https://h/a", shape: "teams" },
      {
        kind: "email",
        on: ["failed", "escalated"],
        to: ["a@b.c"],
        from: "d@e.f",
        server: "smtp://h",
        login: null,
        ca: null,
        subject: null,
      },
      {
        kind: "email",
        on: ["escalated"],
        to: ["a@b.c"],
        from: "d@e.f",
        server: "smtps://h",
        login: { user: "u", password: "pppppppp" },
        ca: "/books/ca.pem",
        subject: "[x]",
      },
      {
        kind: "pagerduty",
        on: ["escalated"],
        routingKey: "kkkkkkkk",
        url: "https://events.pagerduty.com/v2/enqueue",
        severity: null,
      },
      {
        kind: "github-issue",
        on: ["failed"],
        repository: "a/b",
        token: "tttttttt",
        labels: ["x"],
        api: "https://api.github.com",
      },
      { kind: "github-summary", on: ["escalated"] },
      { kind: "command", on: ["escalated"], argv: ["notify-send", "hello"], cwd: "/books" },
    ]);
  });

  const slips: [string, string, object[]][] = [
    [
      "a misspelt channel",
      "[{ emial: { to: a } }]",
      [{ message: 'unknown key "emial"', suggestion: 'did you mean "email"?' }],
    ],
    [
      "no channel",
      "[{ on: failed }]",
      [{ message: "expected one of webhook, email, pagerduty, github, command" }],
    ],
    [
      "two channels in one item",
      "[{ webhook: a, command: [b] }]",
      [{ message: 'expected one channel an item, got webhook and command; begin another item with "-"' }],
    ],
    [
      "a shape without a webhook",
      "[{ command: [a], shape: slack }]",
      [{ message: "`shape` goes with `webhook`" }],
    ],
    ["an unknown shape", "[{ webhook: a, shape: slak }]", [{ suggestion: 'did you mean "slack"?' }]],
    ["an unknown occasion", "[{ webhook: a, on: faild }]", [{ suggestion: 'did you mean "failed"?' }]],
    [
      "half a login",
      "[{ email: { to: a, from: b, server: smtp://h, user: u } }]",
      [{ message: "`user` and `password` go together" }],
    ],
    [
      "no sender",
      "[{ email: { to: a, server: smtp://h } }]",
      [{ message: expect.stringContaining('"from" is missing') }],
    ],
    [
      "a repository without an owner",
      "[{ github: { issue: { repository: b, token: tttttttt } } }]",
      [{ message: expect.stringContaining("expected OWNER/NAME") }],
    ],
    ["no arguments at all", "[{ command: [] }]", [{ message: expect.stringContaining("at least 1 item") }]],
  ];
  test.each(slips)("%s", (_name, notify, expected) => {
    expect(messages(notify)).toMatchObject(expected);
  });

  test("a server that is none is told without the password in it", () => {
    const found = messages("[{ email: { to: a, from: b, server: 'http://u:s3cret-pw@h' } }]");
    expect(found).toMatchObject([{ message: "expected smtp://HOST:PORT or smtps://HOST:PORT" }]);
    expect(JSON.stringify(found)).not.toContain("s3cret");
  });
});

describe("secrets of channels", () => {
  test("are known as they are and as they are encoded, from the environment or not", () => {
    const { secrets } = valid(
      `
    - { webhook: "https://hooks.slack.com/services/T00/B00/abcdefghijklmnopqrst?x=1" }
    - { email: { to: a@b.c, from: d@e.f, server: "\${SMTP}" } }
    - { email: { to: a@b.c, from: d@e.f, server: "smtp://h", user: me, password: plain-password } }
    - { pagerduty: { routingKey: 0123456789abcdef0123456789abcdef } }
    - { github: { issue: { repository: a/b, token: ghp_literal } } }`,
      { SMTP: "smtps://user:p%2Fass%3Aword@mail.example.com" },
    );
    expect(secrets).toEqual([
      "smtps://user:p%2Fass%3Aword@mail.example.com",
      "https://hooks.slack.com/services/T00/B00/abcdefghijklmnopqrst?x=1",
      "hooks.slack.com/services/T00/B00/abcdefghijklmnopqrst?x=1",
      "/services/T00/B00/abcdefghijklmnopqrst?x=1",
      "abcdefghijklmnopqrst",
      "p%2Fass%3Aword",
      "p/ass:word",
      "plain-password",
      "0123456789abcdef0123456789abcdef",
      "ghp_literal",
      "user:p%2Fass%3Aword",
    ]);
  });

  test("a webhook's whole address is one, and words of its path are not", () => {
    const { secrets } = valid(
      `[{ webhook: "http://127.0.0.1:8080/multi" }, { webhook: "https://h/notifications" }]`,
    );
    expect(secrets).toEqual([
      "http://127.0.0.1:8080/multi",
      "127.0.0.1:8080/multi",
      "https://h/notifications",
      "h/notifications",
    ]);
  });

  test.each([
    "[{ email: { to: a, from: b, server: 'smtp://h', user: u, password: 'seven77' } }]",
    "[{ email: { to: a, from: b, server: 'smtp://u:seven77@h' } }]",
    "[{ pagerduty: { routingKey: seven77 } }]",
    "[{ github: { issue: { repository: a/b, token: seven77 } } }]",
  ])("one that is too short to be hidden is refused: %s", (notify) => {
    const found = messages(notify);
    expect(found).toMatchObject([{ message: expect.stringContaining("at least 8 characters") }]);
  });
});
