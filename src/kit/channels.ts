import { z } from "zod";

/** What a run can end with that people are told about. */
export const OCCASIONS = ["escalated", "promoted", "failed"] as const;
export type Occasion = (typeof OCCASIONS)[number];

export const WEBHOOK_SHAPES = ["json", "slack", "teams"] as const;
export const PAGERDUTY_SEVERITIES = ["critical", "error", "warning", "info"] as const;

/** A resolved item of `escalation.notify`. Empty text is what an unset variable leaves: such a channel sends nothing. */
export type ChannelSpec = { readonly on: readonly Occasion[] } & (
  | {
      readonly kind: "webhook";
      readonly url: string;
      readonly shape: (typeof WEBHOOK_SHAPES)[number];
    }
  | {
      readonly kind: "email";
      /** Addresses, each with a delivery of its own. */
      readonly to: readonly string[];
      readonly from: string;
      /** `smtp://` or `smtps://`, perhaps with user and password. */
      readonly server: string;
      /** Instead of what stands in `server`. */
      readonly login: { readonly user: string; readonly password: string } | null;
      /** PEM file of certificates to trust besides the system's; absolute. */
      readonly ca: string | null;
      /** In place of the notice's own title. */
      readonly subject: string | null;
    }
  | {
      readonly kind: "pagerduty";
      readonly routingKey: string;
      readonly url: string;
      /** Null: by what happened. */
      readonly severity: (typeof PAGERDUTY_SEVERITIES)[number] | null;
    }
  | {
      readonly kind: "github-issue";
      /** `owner/name` */
      readonly repository: string;
      readonly token: string;
      readonly labels: readonly string[];
      readonly api: string;
    }
  | { readonly kind: "github-summary" }
  | {
      readonly kind: "command";
      readonly argv: readonly string[];
      /** Absolute; the runbook's folder. */
      readonly cwd: string;
    }
);

/** How the attempts to tell one channel ended. */
export const Delivery = z.object({
  /** Names the channel without its secrets, on every machine. */
  channel: z.string(),
  /** For people, e.g. `webhook at hooks.example.com`. */
  target: z.string(),
  /** `delivered-before`: by an earlier run that came to the same decision. */
  state: z.enum(["delivered", "delivered-before", "failed"]),
  /** Made by this run. */
  attempts: z.number().int(),
  problem: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;
