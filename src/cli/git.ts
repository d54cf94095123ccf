import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Commit of the working tree that a folder lies in; null outside git or without git. It is a label, so its absence is no error. */
export async function gitCommit(folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], {
      cwd: folder,
      timeout: 5000,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}
