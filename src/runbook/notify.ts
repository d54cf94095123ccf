import { resolve } from "node:path";
import { z } from "zod";
import { type ChannelSpec, OCCASIONS, PAGERDUTY_SEVERITIES, WEBHOOK_SHAPES } from "../kit/channels.js";
import { decoded } from "../kit/percent-encoding.js";
import { SHORTEST_SECRET } from "../kit/secrets/forms.js";

/** What is asked for as a secret: a shorter one could not be hidden without ordinary words around it. */
const secret = () =>
  z.string().superRefine((text, context) => {
    if (text.length > 0 && text.length < SHORTEST_SECRET)
      context.addIssue({ code: "custom", message: TOO_SHORT });
  });

const TOO_SHORT = `a secret has at least ${SHORTEST_SECRET} characters: a shorter one cannot be hidden in what is written`;

const occasion = z.enum([...OCCASIONS, "always"]);

const email = z
  .strictObject({
    to: z
      .union([z.string(), z.array(z.string())])
      .describe(
        "Address or addresses; each is told on its own, so that one that is refused keeps no other back",
      ),
    from: z.string().min(1).describe("Address that it comes from, e.g. `Forecasts <forecasts@example.com>`"),
    server: z
      .string()
      .superRefine((text, context) => {
        // Not "got …": it may hold a password.
        if (text !== "" && !/^smtps?:\/\/[^/]/.test(text))
          context.addIssue({ code: "custom", message: "expected smtp://HOST:PORT or smtps://HOST:PORT" });
        const { length } = URL.canParse(text) ? decoded(new URL(text).password) : "";
        if (length > 0 && length < SHORTEST_SECRET) context.addIssue({ code: "custom", message: TOO_SHORT });
      })
      .describe(
        "`smtp://HOST` (port 587, STARTTLS; required once there is a password) or `smtps://HOST` (port 465, TLS), with `USER:PASSWORD@` before the host if need be; empty sends nothing",
      ),
    user: z.string().optional().describe("User, where it does not stand in `server`"),
    password: secret()
      .optional()
      .describe("Password, where it does not stand in `server`; as it is, nothing has to be encoded"),
    ca: z
      .string()
      .optional()
      .describe("PEM file with certificates to trust besides the well-known ones, relative to the runbook"),
    subject: z.string().optional().describe("Put in front of the subject, e.g. `[forecasts]`"),
  })
  .superRefine(({ user, password }, context) => {
    if ((user === undefined) !== (password === undefined))
      context.addIssue({
        code: "custom",
        path: [user === undefined ? "password" : "user"],
        message: "`user` and `password` go together",
      });
  })
  .describe("A mail by SMTP");

const pagerduty = z
  .strictObject({
    routingKey: secret().describe("Integration key of a service (Events API v2); empty sends nothing"),
    url: z
      .string()
      .default("https://events.pagerduty.com/v2/enqueue")
      .describe("Where events go; in the EU https://events.eu.pagerduty.com/v2/enqueue"),
    severity: z
      .enum(PAGERDUTY_SEVERITIES)
      .optional()
      .describe("Instead of warning for an escalation, error for a failed run and info for a promotion"),
  })
  .describe("An alert by PagerDuty");

const github = z
  .union([
    z.literal("summary"),
    z.strictObject({
      issue: z.strictObject({
        repository: z
          .string()
          .regex(/^([\w.-]+\/[\w.-]+)?$/, "expected OWNER/NAME")
          .describe("Repository, `owner/name`; empty sends nothing"),
        token: secret().describe("Token that may write issues; empty sends nothing"),
        labels: z.array(z.string()).default([]).describe("Labels of the issue"),
        url: z
          .string()
          .default("https://api.github.com")
          .describe("API; of a GitHub Enterprise Server https://HOST/api/v3"),
      }),
    }),
  ])
  .describe("`summary`: on the page of the GitHub Actions job. `issue`: an issue, one for a decision");

const CHANNELS = ["webhook", "email", "pagerduty", "github", "command"] as const;

/** An item of `escalation.notify`. Empty text, as an unset variable leaves it, is fine everywhere: such a channel sends nothing. */
export const notifyItem = z
  .strictObject({
    webhook: z.string().optional().describe("URL that gets escalation.json by POST; empty sends nothing"),
    shape: z
      .enum(WEBHOOK_SHAPES)
      .optional()
      .describe("What the webhook takes: `json` as it is, or a message for Slack or Microsoft Teams"),
    email: email.optional(),
    pagerduty: pagerduty.optional(),
    github: github.optional(),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Program and arguments, without a shell; it gets the payload as JSON on its standard input"),
    on: z
      .union([occasion, z.array(z.enum(OCCASIONS)).min(1)])
      .optional()
      .describe("When: `escalated` (the default), `promoted`, `failed`, a list of these, or `always`"),
  })
  .superRefine((item, context) => {
    // A misspelt channel is named as such; that none is given would only repeat it.
    if (context.issues.length > 0) return;
    const given = CHANNELS.filter((channel) => item[channel] !== undefined);
    if (given.length !== 1)
      context.addIssue({
        code: "custom",
        path: given.length === 0 ? [] : [given[1]!],
        message:
          given.length === 0
            ? `expected one of ${CHANNELS.join(", ")}`
            : `expected one channel an item, got ${given.join(" and ")}; begin another item with "-"`,
      });
    if (item.shape !== undefined && item.webhook === undefined)
      context.addIssue({ code: "custom", path: ["shape"], message: "`shape` goes with `webhook`" });
  });
type NotifyItem = z.output<typeof notifyItem>;

/** @param folder of the runbook */
export function channelSpec(item: NotifyItem, folder: string): ChannelSpec {
  const on = occasionsOf(item.on);
  const { webhook, shape = "json", email, pagerduty, github, command } = item;
  if (webhook !== undefined) return { kind: "webhook", on, url: webhook, shape };
  if (email !== undefined) {
    const { to, from, server, user, password, ca, subject } = email;
    return {
      kind: "email",
      on,
      to: [to].flat().filter((address) => address.trim() !== ""),
      from,
      server,
      login: user && password ? { user, password } : null,
      ca: ca ? resolve(folder, ca) : null,
      subject: subject || null,
    };
  }
  if (pagerduty !== undefined) {
    const { routingKey, url, severity = null } = pagerduty;
    return { kind: "pagerduty", on, routingKey, url, severity };
  }
  if (github === "summary") return { kind: "github-summary", on };
  if (github !== undefined) {
    const { repository, token, labels, url } = github.issue;
    return { kind: "github-issue", on, repository, token, labels, api: url };
  }
  return { kind: "command", on, argv: command ?? [], cwd: folder };
}

function occasionsOf(on: NotifyItem["on"]): ChannelSpec["on"] {
  if (on === "always") return OCCASIONS;
  return on === undefined ? ["escalated"] : [on].flat();
}
