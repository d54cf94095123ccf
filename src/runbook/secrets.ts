import type { ChannelSpec } from "../kit/channels.js";
import type { Diagnostic } from "../kit/diagnostic.js";
import { decoded } from "../kit/percent-encoding.js";

/** The same diagnostics with every value of the environment masked, wherever a message repeats it. */
export function hideSecrets(
  diagnostics: readonly Diagnostic[],
  secrets: readonly string[],
): readonly Diagnostic[] {
  const hide = (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    message: hide(diagnostic.message),
    path: hide(diagnostic.path),
    suggestion: diagnostic.suggestion === null ? null : hide(diagnostic.suggestion),
  }));
}

/** Shorter values are words and numbers that stand everywhere; hiding them would hide the text around them. */
export const SHORTEST_SECRET = 4;

/**
 * What must not be shown of a registry's address: user and password, query and fragment. Host and path are what a reader needs when the server does
 * not answer.
 */
export function secretsOfAddress(address: string): readonly string[] {
  if (/^(file|state):|^[./]/i.test(address)) return [];
  const [, user = "", rest = ""] = /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:(.*)@)?(.*)$/is.exec(address) ?? [];
  const password = user.slice(user.indexOf(":") + 1);
  const query = /[?#](.*)$/s.exec(rest)?.[1] ?? "";
  return [...new Set([user, password, decoded(password), query])].filter(
    ({ length }) => length >= SHORTEST_SECRET,
  );
}

/** Words of a webhook's path are shorter than its token. */
const SHORTEST_TOKEN = 16;

/**
 * What must not be shown of the channels that people are told through, whether it came from the environment or stands in the runbook: passwords, also
 * as they are inside an address; tokens and keys; path and query of a webhook.
 */
export const secretsOfChannels = (channels: readonly ChannelSpec[]): readonly string[] =>
  [...new Set(channels.flatMap(secretsOfChannel))].filter(({ length }) => length >= SHORTEST_SECRET);

function secretsOfChannel(channel: ChannelSpec): readonly string[] {
  switch (channel.kind) {
    case "webhook":
      return secretsOfUrl(channel.url, true);
    case "email":
      return [...secretsOfUrl(channel.server, false), channel.login?.password ?? ""];
    case "pagerduty":
      return [channel.routingKey, ...secretsOfUrl(channel.url, false)];
    case "github-issue":
      return [channel.token, ...secretsOfUrl(channel.api, false)];
    case "github-summary":
    case "command":
      return [];
  }
}

function secretsOfUrl(text: string, isPathSecret: boolean): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { password, pathname, search } = new URL(text);
  const path = isPathSecret
    ? [`${pathname}${search}`, ...pathname.split("/").filter(({ length }) => length >= SHORTEST_TOKEN)]
    : [];
  return [password, decoded(password), search.slice(1), ...path];
}
