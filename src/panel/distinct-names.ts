/**
 * Gives each name once: DuckDB takes names without case and would rename the second of `Y` and `y` by itself.
 * @param fallback another name for one that is taken, called until it is free
 */
export function distinctNames(taken: readonly string[]) {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  return (name: string, fallback: (name: string, attempt: number) => string): string => {
    let free = name;
    for (let attempt = 2; used.has(free.toLowerCase()); attempt++) free = fallback(free, attempt);
    used.add(free.toLowerCase());
    return free;
  };
}
