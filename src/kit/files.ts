/**
 * Called by a change right before the system call that makes it visible. What it throws goes to the caller, and the change does not happen.
 */
export type BeforeCommit = () => void;

/**
 * The file system as the engine and the embedded registry use it: few operations, each one atomic or repairable.
 * The composition root passes the real one; a drill or a test passes one that fails or dies at a chosen call.
 * Every method throws a FailureError with code `fs.failed` where the operating system said no.
 */
export interface DurableFiles {
  /** Temp file in the same folder, fsync, rename, fsync of the folder. Readers see the old or the new content. */
  writeAtomic(path: string, content: string | Uint8Array, beforeCommit?: BeforeCommit): Promise<void>;
  /**
   * Temp file and rename, without waiting for the disk: whole after a kill, perhaps gone or empty after a power cut. For what people browse and what
   * can be made again.
   */
  writeUnsynced(path: string, content: string | Uint8Array, beforeCommit?: BeforeCommit): Promise<void>;
  /** Creates the file with this content, or answers false if the path exists. Never leaves a partial file behind. */
  createExclusive(path: string, content: string, beforeCommit?: BeforeCommit): Promise<boolean>;
  /** Appends one line and fsyncs before it returns. */
  appendLine(path: string, line: string, beforeCommit?: BeforeCommit): Promise<void>;
  /**
   * Copies into place atomically (temp file, fsync, rename); an existing target is left as it is. The fsync of the folder may come with the next
   * other synced change.
   */
  copyInto(source: string, target: string, beforeCommit?: BeforeCommit): Promise<void>;
  /** Renames a folder or file; answers false if the target exists. */
  renameExclusive(from: string, to: string, beforeCommit?: BeforeCommit): Promise<boolean>;
  readText(path: string): Promise<string | null>;
  readBytes(path: string): Promise<Uint8Array | null>;
  /** Names in a folder, sorted by code unit; empty when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** Not synced either: a durable file is written into a folder that its own write has made. */
  makeFolder(path: string): Promise<void>;
  /** A file by one unlink, a folder by one rename out of the way before it is emptied; nothing there is fine. */
  remove(path: string, beforeCommit?: BeforeCommit): Promise<void>;
  /** Lower-case hex sha256 of a file, streamed; null when there is no such file. */
  sha256(path: string): Promise<string | null>;
}
