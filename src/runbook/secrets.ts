import type { ChannelSpec } from "../kit/channels.js";
import type { Diagnostic } from "../kit/diagnostic.js";
import { decoded } from "../kit/percent-encoding.js";
import { isSecretName } from "../kit/secrets/environment.js";
import { SHORTEST_SECRET } from "../kit/secrets/forms.js";
import { Masker } from "../kit/secrets/masker.js";
import type { RunbookPath } from "./source.js";

/** The same diagnostics with every value of the environment masked, wherever a message repeats it. */
export function hideSecrets(
  diagnostics: readonly Diagnostic[],
  secrets: readonly string[],
): readonly Diagnostic[] {
  const { mask } = new Masker(secrets);
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    message: mask(diagnostic.message),
    path: mask(diagnostic.path),
    span: diagnostic.span === null ? null : { ...diagnostic.span, excerpt: mask(diagnostic.span.excerpt) },
    suggestion: diagnostic.suggestion === null ? null : mask(diagnostic.suggestion),
  }));
}

const longEnough = (secrets: readonly string[]): readonly string[] =>
  [...new Set(secrets)].filter(({ length }) => length >= SHORTEST_SECRET);

/**
 * What must not be shown of a registry's address: user and password, query and fragment. Host and path are what a reader needs when the server does
 * not answer.
 */
export function secretsOfAddress(address: string): readonly string[] {
  if (/^(file|state):|^[./]/i.test(address)) return [];
  const [, user = "", rest = ""] = /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:(.*)@)?(.*)$/is.exec(address) ?? [];
  const password = user.slice(user.indexOf(":") + 1);
  const query = /[?#](.*)$/s.exec(rest)?.[1] ?? "";
  return longEnough([user, password, decoded(password), query]);
}

/**
 * What must not be shown of the channels that people are told through, whether it came from the environment or stands in the runbook: passwords, also
 * as they are inside an address; tokens and keys; a webhook's whole address, and of its path what looks like a token.
 */
export const secretsOfChannels = (channels: readonly ChannelSpec[]): readonly string[] =>
  longEnough(channels.flatMap(secretsOfChannel));

function secretsOfChannel(channel: ChannelSpec): readonly string[] {
  switch (channel.kind) {
    case "webhook":
      return secretsOfWebhook(channel.url);
    case "email":
      return [...secretsOfUrl(channel.server), channel.login?.password ?? ""];
    case "pagerduty":
      return [channel.routingKey, ...secretsOfUrl(channel.url)];
    case "github-issue":
      return [channel.token, ...secretsOfUrl(channel.api)];
    case "github-summary":
    case "command":
      return [];
  }
}

function secretsOfUrl(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { password, search } = new URL(text);
  return [password, decoded(password), search.slice(1)];
}

/** Words of a path are no secret: hiding `/multi` would hide it everywhere. */
const isToken = (segment: string): boolean =>
  segment.length >= 16 || (segment.length >= SHORTEST_SECRET && /\d/.test(segment) && /[a-z]/i.test(segment));

function secretsOfWebhook(text: string): readonly string[] {
  if (!URL.canParse(text)) return [text];
  const { href, host, pathname, search } = new URL(text);
  const tokens = pathname.split("/").filter(isToken);
  const isPathSecret = tokens.length > 0 || search !== "";
  const path = `${pathname}${search}`;
  return [
    text,
    ...(path === "/" ? [] : [href, `${host}${path}`]),
    ...(isPathSecret ? [path] : []),
    ...secretsOfUrl(text),
    ...tokens,
  ];
}

/** A secret that stands in the runbook itself, with its place. */
export interface WrittenSecret {
  readonly path: RunbookPath;
  readonly values: readonly string[];
}

/** Passwords of addresses, wherever one stands, and the variables of programs that are called like secrets. */
export function writtenSecrets(raw: unknown, path: RunbookPath = []): readonly WrittenSecret[] {
  if (typeof raw === "string") {
    const isVariable = path.at(-2) === "env" && isSecretName(String(path.at(-1)));
    const values = longEnough(isVariable ? [raw] : secretsInText(raw));
    return values.length === 0 ? [] : [{ path, values }];
  }
  if (typeof raw !== "object" || raw === null) return [];
  return Object.entries(raw).flatMap(([key, value]) =>
    writtenSecrets(value, [...path, Array.isArray(raw) ? Number(key) : key]),
  );
}

function secretsInText(text: string): string[] {
  const [, userinfo = ""] = /^[a-z][a-z\d+.-]*:\/\/([^/?#\s@]*:[^/?#\s]*)@/i.exec(text) ?? [];
  const password = userinfo.slice(userinfo.indexOf(":") + 1);
  const query = /^[a-z][a-z\d+.-]*:\/\/[^?\s]*\?(.*)$/is.exec(text)?.[1] ?? "";
  const telling = query
    .split("&")
    .filter((pair) => /^[^=]*(token|key|secret|sig|password|auth|credential)[^=]*=/i.test(pair))
    .map((pair) => pair.slice(pair.indexOf("=") + 1));
  return [userinfo, password, decoded(password), ...telling, ...telling.map(decoded)].filter(
    (value) => value !== "",
  );
}
