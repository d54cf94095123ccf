import type { ChannelSpec, PAGERDUTY_SEVERITIES } from "../kit/channels.js";
import { brokenChannel, type Channel, shortHash } from "./channel.js";
import { callHttp, HTTP_LIMIT_MS, refusalOf } from "./http.js";
import { clip, type Notice } from "./notice.js";

/** Longest summary that the Events API takes. */
const SUMMARY = 1024;

type PagerDutySpec = Extract<ChannelSpec, { kind: "pagerduty" }>;
type Severity = (typeof PAGERDUTY_SEVERITIES)[number];

/** Services go on as before after an escalation; after a failure there is no answer at all. */
const SEVERITIES: Readonly<Record<Notice["occasion"], Severity>> = {
  escalated: "warning",
  promoted: "info",
  failed: "error",
  test: "info",
};

/** Triggers an alert by the Events API v2. One key is one alert, however often it is sent. */
export function pagerDutyChannel({ routingKey, url, severity }: Omit<PagerDutySpec, "kind" | "on">): Channel {
  const id = `pagerduty-${shortHash(routingKey)}`;
  if (!URL.canParse(url)) return brokenChannel(id, "PagerDuty", "the url that is configured is not a URL");
  const address = new URL(url);
  return {
    id,
    target: `PagerDuty at ${address.host}`,
    secrets: [routingKey],
    limitMs: HTTP_LIMIT_MS,
    async send(notice, key, signal) {
      const event = pagerDutyEvent(notice, key, severity ?? SEVERITIES[notice.occasion]);
      const answer = await callHttp(address, { body: { routing_key: routingKey, ...event }, signal });
      if ("refusal" in answer) return answer.refusal;
      return refusalOf(answer.response, await reason(answer.response));
    },
  };
}

/** Everything but the routing key. */
export function pagerDutyEvent(notice: Notice, key: string, severity: Severity) {
  const { title, summary, facts, points, commands, links } = notice;
  return {
    event_action: "trigger",
    dedup_key: key,
    client: "retrain",
    payload: {
      summary: clip([title, ...summary.slice(-1)].join(". "), SUMMARY),
      source: "retrain",
      severity,
      class: notice.occasion,
      custom_details: {
        summary,
        ...Object.fromEntries(facts.map(({ label, value }) => [label, value])),
        problems: points,
        commands: commands.map(({ command, purpose }) => `${command}  # ${purpose}`),
      },
    },
    links: links.map(({ label, url }) => ({ href: url, text: label })),
  };
}

/** What PagerDuty says of an event that it does not take. */
async function reason(response: Response): Promise<string | null> {
  const text = await response.text();
  if (response.ok) return null;
  try {
    const { errors, message } = JSON.parse(text) as { errors?: unknown; message?: unknown };
    const said = Array.isArray(errors) && errors.length > 0 ? errors.join("; ") : message;
    return typeof said === "string" ? clip(said, 200) : null;
  } catch {
    // A proxy's page is no reason.
    return null;
  }
}
