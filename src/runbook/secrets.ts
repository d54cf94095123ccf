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
