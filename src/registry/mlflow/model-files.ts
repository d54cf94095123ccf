import { atOnce } from "../../kit/at-once.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { RegistryFile } from "../../kit/registry.js";
import { putContent, readFile, removeFile } from "./artifacts.js";
import { encodePath } from "./keys.js";
import type { Store } from "./store.js";

const AT_ONCE = 4;

/** A file as it stands below an artifact location: `unreadable` for a folder, which a server with its store on a disk cannot send. */
export async function readStored(
  store: Store,
  location: string,
  path: string,
): Promise<Uint8Array | "unreadable" | null> {
  try {
    return await readFile(store, location, encodePath(path));
  } catch (error) {
    const failure = error instanceof FailureError ? error.failure : null;
    const isOther = failure?.code === "registry.refused" && [400, 500].includes(failure.status);
    if (isOther || failure?.code === "registry.server-error") return "unreadable";
    throw error;
  }
}

/** Puts right what is not as it was attached; the files are those of the version's digest. */
export async function repairModel(
  store: Store,
  location: string,
  files: readonly RegistryFile[],
  owner: string,
): Promise<void> {
  await atOnce(AT_ONCE, files, async ({ path, source }) => {
    const missing = () => fail({ code: "registry.file-missing", retryable: false, owner, path: source });
    const wanted = (await store.files.readBytes(source)) ?? missing();
    const have = await readStored(store, location, path);
    if (have instanceof Uint8Array && Buffer.from(have).equals(wanted)) return;
    if (have === "unreadable") await removeFile(store, location, encodePath(path));
    await putContent(store, location, encodePath(path), wanted);
  });
}
