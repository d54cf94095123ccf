import type { ChannelSpec } from "../kit/channels.js";
import type { Channel } from "./channel.js";
import { commandChannel } from "./command.js";
import { emailChannels } from "./email.js";
import { githubIssueChannel } from "./github-issue.js";
import { githubSummaryChannel } from "./github-summary.js";
import { pagerDutyChannel } from "./pagerduty.js";
import { webhookChannel } from "./webhook.js";

/** The channels of an item of `escalation.notify`. None when it is not set: empty text, or a job summary outside of a job. */
export function openChannels(
  spec: ChannelSpec,
  env: Readonly<Record<string, string | undefined>>,
): readonly Channel[] {
  switch (spec.kind) {
    case "webhook":
      return spec.url === "" ? [] : [webhookChannel(spec)];
    case "email":
      return spec.server === "" ? [] : emailChannels(spec);
    case "pagerduty":
      return spec.routingKey === "" ? [] : [pagerDutyChannel(spec)];
    case "github-issue":
      return spec.token === "" || spec.repository === "" ? [] : [githubIssueChannel(spec)];
    case "github-summary":
      return env.GITHUB_STEP_SUMMARY ? [githubSummaryChannel(env.GITHUB_STEP_SUMMARY)] : [];
    case "command": {
      const [program = "", ...args] = spec.argv;
      return program === "" ? [] : [commandChannel([program, ...args], spec.cwd)];
    }
  }
}
