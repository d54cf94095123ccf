/**
 * A filter for a name of any kind. MLflow's filters have no escapes: a name with both kinds of quotes, or a backslash, is asked for by a pattern that
 * may find more, so the caller compares names as well.
 */
export function nameFilter(name: string): string {
  if (!/['\\]/.test(name)) return `name = '${name}'`;
  if (!/["\\]/.test(name)) return `name = "${name}"`;
  return `name LIKE '${name.replace(/['"\\]/g, "_")}'`;
}
