import type { Occasion } from "../kit/channels.js";
import { maskSecrets } from "../kit/secrets/hidden.js";

/** What people are told, before it takes the shape of a channel. */
export interface Notice {
  readonly occasion: Occasion | "test";
  /** What the notification's key is made of: the decision's digest for an escalation. */
  readonly subject: string;
  /** One line. */
  readonly title: string;
  /** Sentences, the most important first. */
  readonly summary: readonly string[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** What went wrong, one line each. */
  readonly points: readonly string[];
  /** To be copied. */
  readonly commands: readonly { readonly command: string; readonly purpose: string }[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** All of it, as Markdown. */
  readonly markdown: string;
  /** For programs. */
  readonly payload: unknown;
}

/** Cut to so many UTF-16 units, with an ellipsis in place of what is left out, and never inside a character. */
export function clip(whole: string, length: number): string {
  // Before it is cut: of a secret that was cut the rest would not be known.
  const text = maskSecrets(whole);
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
