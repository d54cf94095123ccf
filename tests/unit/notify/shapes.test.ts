import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Notice } from "../../../src/notify/notice.js";
import { pagerDutyEvent } from "../../../src/notify/pagerduty.js";
import { slackMessage } from "../../../src/notify/shapes/slack.js";
import { teamsMessage } from "../../../src/notify/shapes/teams.js";
import { NOTICE } from "./support.js";

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Everything far longer than any receiver takes. */
const huge = (length: number): Notice => {
  const text = "a&<é\u{1F600}`".repeat(length / 7);
  return {
    ...NOTICE,
    title: text,
    summary: [text, text, text],
    facts: Array.from({ length: 40 }, () => ({ label: "Fact", value: text })),
    points: Array.from({ length: 500 }, (_, i) => `rule ${i}: ${text}`),
    commands: Array.from({ length: 60 }, () => ({ command: text, purpose: text })),
    links: Array.from({ length: 30 }, () => ({ label: "Page", url: "https://example.com/" })),
  };
};

test.each([
  ["slack", slackMessage(NOTICE)],
  ["teams", teamsMessage(NOTICE)],
  ["pagerduty", pagerDutyEvent(NOTICE, "k".repeat(64), "warning")],
])("the golden message of %s", (name, message) => {
  const path = new URL(`golden/${name}.json`, import.meta.url);
  expect(JSON.parse(JSON.stringify(message))).toEqual(JSON.parse(readFileSync(path, "utf8")));
});

interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: { readonly type: string; readonly text: string };
    readonly fields?: readonly { readonly text: string }[];
  }[];
}

describe("Slack", () => {
  const within = (notice: Notice) => {
    const { blocks } = slackMessage(notice) as SlackMessage;
    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const { type, text, fields } of blocks) {
      if (text !== undefined) expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3000);
      if (text !== undefined) expect(text.text.length).toBeGreaterThan(0);
      expect(fields?.length ?? 0).toBeLessThanOrEqual(10);
      for (const field of fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000);
      if (text?.type === "mrkdwn") expect(text.text).not.toMatch(/&(?!amp;|lt;|gt;)|<(?!https:)/);
    }
    return blocks;
  };

  test("stays within its limits, whatever the run has to say", () => {
    for (const length of [7, 700, 7000]) within(huge(length));
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4000 }), { maxLength: 40 }), (points) => {
        within({ ...NOTICE, points });
      }),
      { numRuns: 40 },
    );
  });

  test("says how much it leaves out, and keeps commands in a block", () => {
    const texts = within(huge(70)).map(({ text }) => text?.text ?? "");
    expect(texts.some((text) => /\n… and \d+ more$/.test(text))).toBe(true);
    const [code] = texts.filter((text) => text.startsWith("```"));
    expect(code).toMatch(/^```\n[\s\S]*\n```$/);
    expect(code!.slice(3, -3)).not.toContain("```");
  });
});

describe("Teams", () => {
  test("stays under 28 KB", () => {
    for (const length of [7, 70, 210, 280, 350, 420, 700, 7000, 70_000]) {
      const message = teamsMessage(huge(length));
      expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(28_000);
    }
  });

  test("shows text as it is: what it reads as Markdown is escaped, the rest is no text block", () => {
    const text = json(teamsMessage({ ...NOTICE, facts: [{ label: "Run", value: "a_b*c" }] }));
    expect(text).toContain("a\\\\_b\\\\*c");
    expect(text).toContain("max=*0.3*");
    expect(text).not.toContain('"TextBlock"');
  });
});

test("PagerDuty's summary is cut at 1024 characters", () => {
  const event = pagerDutyEvent(huge(7000), "k", "error");
  expect(event.payload.summary).toHaveLength(1024);
});
