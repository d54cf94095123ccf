import { Masker } from "../../../kit/secrets/masker.js";

export type Mask = (text: string) => string;

/**
 * Hides secrets, in every form that they are written in, and the user and password of any address, in text that came from outside: a server or a proxy
 * may repeat what it was sent, or what it is configured with. That is no text of ours, so credentials of any length are hidden there.
 */
export function maskOf(secrets: readonly string[]): Mask {
  const { mask } = new Masker(secrets);
  const forms = new Set(
    secrets
      .filter((secret) => secret !== "")
      .flatMap((secret) => [
        secret,
        encodeURIComponent(secret),
        encodeURI(secret),
        JSON.stringify(secret).slice(1, -1),
        escapeHtml(secret),
      ]),
  );
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) =>
    longestFirst
      .reduce((masked, form) => masked.replaceAll(form, "***"), mask(text))
      .replace(/([a-z][a-z\d+.-]*:\/\/)[^/?#\s"'<>]*@/gi, "$1***@");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
