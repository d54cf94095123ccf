import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Leaves on the disk what a kill in the middle of a call of `DurableFiles` leaves: half a line at the end of the file for an append, half a
 * temp file beside the target for the calls that put a whole file into place.
 */
export async function tearFileCall(operation: string, args: readonly unknown[]): Promise<void> {
  const target = String(operation === "copyInto" ? args[1] : args[0]);
  const content = operation === "copyInto" ? await readFile(String(args[0])) : bytesOf(args[1]);
  const half = content.subarray(0, Math.ceil(content.length / 2));
  await mkdir(dirname(target), { recursive: true });
  if (operation === "appendLine") await appendFile(target, half);
  else await writeFile(join(dirname(target), ".tmp-torn"), half);
}

const bytesOf = (content: unknown): Uint8Array =>
  typeof content === "string" ? Buffer.from(content) : (content as Uint8Array);
