/** Where programs, home and temp folder are, and how text is encoded: nothing else reaches a command unless its step names it. */
const POSIX = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"] as const;

/** Without these Windows starts no program. */
const WINDOWS = ["PATH", "PATHEXT", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP", "USERPROFILE"] as const;

/** The environment of a command: a few variables of this process, and those that its step gives. */
export function commandEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>>,
  platform: NodeJS.Platform,
): Record<string, string> {
  const names: readonly string[] = platform === "win32" ? WINDOWS : POSIX;
  const kept = names.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...given };
}
