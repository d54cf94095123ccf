import { clip, type Notice } from "../notice.js";

/** Teams takes 28 KB a message; the rest is for what it wraps around the card. */
const BYTES = 26_000;

/** Characters of one text and items of one list, tried in turn until the card is small enough. */
const BUDGETS = [
  { text: 1000, items: 20 },
  { text: 400, items: 10 },
  { text: 200, items: 5 },
] as const;

type Budget = (typeof BUDGETS)[number];

/** A message with one Adaptive Card, as a workflow that waits for a webhook takes it. */
export function teamsMessage(notice: Notice): unknown {
  const messages = BUDGETS.map((budget) => message(notice, budget));
  return messages.find((one) => Buffer.byteLength(JSON.stringify(one)) <= BYTES) ?? messages.at(-1)!;
}

function message(notice: Notice, budget: Budget): unknown {
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: card(notice, budget),
      },
    ],
  };
}

function card({ title, summary, facts, points, commands, links }: Notice, { text, items }: Budget): unknown {
  const shown = <T>(list: readonly T[]) => list.slice(0, items);
  const left = points.length - shown(points).length;
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    body: [
      plain(clip(title, 200), { size: "Large", weight: "Bolder" }),
      ...shown(summary).map((sentence) => plain(clip(sentence, text))),
      ...shown(points).map((point) => plain(`• ${clip(point, text)}`)),
      ...(left === 0 ? [] : [plain(`… and ${left} more`)]),
      ...(facts.length === 0
        ? []
        : [
            {
              type: "FactSet",
              facts: shown(facts).map(({ label, value }) => ({
                title: label,
                value: markdown(clip(value, 200)),
              })),
            },
          ]),
      ...shown(commands).flatMap(({ command, purpose }) => [
        plain(clip(purpose, text), { isSubtle: true }),
        plain(clip(command, text), { fontType: "Monospace" }, "None"),
      ]),
    ],
    // Buttons beyond six are hidden behind a menu.
    actions: links.slice(0, 6).map(({ label, url }) => ({ type: "Action.OpenUrl", title: label, url })),
  };
}

/** A rich text block shows its text as it is; a text block would read Markdown into it. */
const plain = (text: string, style: object = {}, spacing = "Small"): unknown => ({
  type: "RichTextBlock",
  spacing,
  inlines: [{ type: "TextRun", text, ...style }],
});

/** Facts are read as Markdown. */
const markdown = (text: string): string => text.replace(/[\\*_[\]`#]/g, "\\$&");
