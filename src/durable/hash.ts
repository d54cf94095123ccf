import { createHash } from "node:crypto";

/** Lower-case hex sha256 of UTF-8 text or of bytes. Files are hashed by `DurableFiles.sha256`, streamed. */
export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** `sha256:` + hex, the form in which digests stand in records. */
export const digest = (content: string | Uint8Array): string => `sha256:${sha256(content)}`;
