import type { Diagnostic } from "../kit/diagnostic.js";

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

/** Percent signs that encode nothing stay as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
