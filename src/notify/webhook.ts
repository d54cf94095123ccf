import type { ChannelSpec } from "../kit/channels.js";
import { brokenChannel, type Channel, shortHash } from "./channel.js";
import { callHttp, HTTP_LIMIT_MS, refusalOf } from "./http.js";
import type { Notice } from "./notice.js";
import { slackMessage } from "./shapes/slack.js";
import { teamsMessage } from "./shapes/teams.js";

type WebhookSpec = Extract<ChannelSpec, { kind: "webhook" }>;

const SHAPES: Readonly<Record<WebhookSpec["shape"], (notice: Notice) => unknown>> = {
  json: ({ payload }) => payload,
  slack: slackMessage,
  teams: teamsMessage,
};

/**
 * POSTs JSON. The channel is named by host and a hash of the address. User and password are not in the hash: changing them leaves the channel what it
 * is, and a short password could be guessed from its hash. Path and query are.
 */
export function webhookChannel({ url: text, shape }: Pick<WebhookSpec, "url" | "shape">): Channel {
  if (!URL.canParse(text)) return brokenChannel("no-url", "webhook", "what is configured is not a URL");
  const url = new URL(text);
  const { protocol, host, pathname, search, password } = url;
  return {
    id: `${host}-${shortHash(`${protocol}//${host}${pathname}${search}`)}`,
    target: `webhook at ${host}`,
    secrets: [text, `${host}${pathname}${search}`, search, password],
    limitMs: HTTP_LIMIT_MS,
    async send(notice, key, signal) {
      const answer = await callHttp(url, {
        headers: { "idempotency-key": key },
        body: SHAPES[shape](notice),
        signal,
      });
      if ("refusal" in answer) return answer.refusal;
      await answer.response.body?.cancel();
      return refusalOf(answer.response);
    },
  };
}
