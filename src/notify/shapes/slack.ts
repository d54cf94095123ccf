import { clip, type Notice } from "../notice.js";

/** Slack's limits: characters of a header, a section and a field, and fields of a section. A message has 50 blocks at most; this one has 8. */
const HEADER = 150;
const SECTION = 3000;
const FIELD = 2000;
const FIELDS = 10;

/** A message of Block Kit, for an incoming webhook. */
export function slackMessage({ title, summary, facts, points, commands, links }: Notice): unknown {
  const sections = [
    lines(summary.map(mrkdwn), SECTION),
    lines(
      points.map((point) => `• ${mrkdwn(point)}`),
      SECTION,
    ),
  ].filter((text) => text !== "");
  return {
    // What a notification and a screen reader say.
    text: mrkdwn(clip([title, ...summary.slice(0, 1)].join(". "), SECTION / 5)),
    blocks: [
      { type: "header", text: { type: "plain_text", text: clip(title, HEADER), emoji: false } },
      ...sections.map(section),
      ...(facts.length === 0
        ? []
        : [
            {
              type: "section",
              fields: facts.slice(0, FIELDS).map(({ label, value }) => ({
                type: "mrkdwn",
                text: `*${mrkdwn(label)}*\n${mrkdwn(clip(value, FIELD / 10))}`,
              })),
            },
          ]),
      ...(commands.length === 0 ? [] : [section(commandBlock(commands))]),
      ...(links.length === 0
        ? []
        : [
            section(
              lines(
                links.map(({ label, url }) => `<${mrkdwn(url)}|${mrkdwn(label)}>`),
                SECTION,
              ),
            ),
          ]),
    ],
  };
}

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });

/** The three characters that control Slack's markup. */
const mrkdwn = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** As many whole lines as fit; an entity is never cut in two. */
function lines(texts: readonly string[], limit: number): string {
  const more = (left: number) => `… and ${left} more`;
  const reserve = more(texts.length).length + 1;
  let shown = "";
  for (const [index, text] of texts.entries()) {
    const line = index === 0 ? text : `\n${text}`;
    const isLast = index === texts.length - 1;
    if (shown.length + line.length > limit - (isLast ? 0 : reserve)) {
      const rest = texts.length - index;
      return shown === "" ? cutEntitySafe(text, limit) : `${shown}\n${more(rest)}`;
    }
    shown += line;
  }
  return shown;
}

const cutEntitySafe = (text: string, limit: number): string =>
  `${clip(text, limit - 1)
    .replace(/…$/, "")
    .replace(/&[a-z]*$/, "")}…`;

/** Commands to copy, each under its purpose. Three backticks would end the block. */
function commandBlock(commands: Notice["commands"]): string {
  const fence = "```";
  const body = commands.map(
    ({ command, purpose }) => `# ${mrkdwn(purpose)}\n${mrkdwn(command.replace(/`{3,}/g, "``"))}`,
  );
  return `${fence}\n${lines(body, SECTION - 2 * fence.length - 2)}\n${fence}`;
}
