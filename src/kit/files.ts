/**
 * The file system as the engine and the embedded registry use it: few operations, each one atomic or repairable.
 * The composition root passes the real one; a drill or a test passes one that fails or dies at a chosen call.
 * Every method throws a FailureError with code `fs.failed` where the operating system said no.
 */
export interface DurableFiles {
  /** Temp file in the same folder, fsync, rename, fsync of the folder. Readers see the old or the new content. */
  writeAtomic(path: string, content: string | Uint8Array): Promise<void>;
  /** Creates the file with this content, or answers false if the path exists. Never leaves a partial file behind. */
  createExclusive(path: string, content: string): Promise<boolean>;
  /** Appends one line and fsyncs before it returns. */
  appendLine(path: string, line: string): Promise<void>;
  /** Copies into place atomically (temp file, fsync, rename); an existing target is left as it is. */
  copyInto(source: string, target: string): Promise<void>;
  /** Renames a folder or file; answers false if the target exists. */
  renameExclusive(from: string, to: string): Promise<boolean>;
  readText(path: string): Promise<string | null>;
  readBytes(path: string): Promise<Uint8Array | null>;
  /** Names in a folder, sorted by code unit; empty when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  makeFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Lower-case hex sha256 of a file, streamed; null when there is no such file. */
  sha256(path: string): Promise<string | null>;
}
