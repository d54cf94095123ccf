import * as nodeModule from "node:module";

/** Node 22.1 and later keep compiled code between starts; a command then begins in half the time. Older ones do without. */
export function enableCompileCache(): void {
  const { enableCompileCache: enable } = nodeModule as { enableCompileCache?: () => unknown };
  enable?.();
}
