import { Masker } from "../../../kit/secrets/masker.js";

export type Mask = (text: string) => string;

/** Credentials of any length are hidden here: what a server or a proxy says is no text of ours. */
const SHORT = 4;

/**
 * Hides secrets, in every form that they are written in, and the user and password of any address, in text that came from outside: a server or a proxy
 * may repeat what it was sent, or what it is configured with.
 */
export function maskOf(secrets: readonly string[]): Mask {
  const { mask } = new Masker(secrets);
  const short = secrets.filter(({ length }) => length >= SHORT).sort((a, b) => b.length - a.length);
  return (text) =>
    short
      .reduce((masked, secret) => masked.replaceAll(secret, "***"), mask(text))
      .replace(/([a-z][a-z\d+.-]*:\/\/)[^/?#\s"'<>]*@/gi, "$1***@");
}
