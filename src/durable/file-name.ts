import { createHash } from "node:crypto";

/** File systems stop at 255 bytes; something is put behind a name. */
const MAX_NAME = 200;

/**
 * A name of any kind as that of a file or folder. Letters, digits, `.`, `_` and `-` of ASCII stay readable, everything else becomes %XX of its UTF-8
 * bytes; a name that grows too long is cut and told apart by its hash.
 */
export function fileNameOf(name: string): string {
  const encoded = encodeURIComponent(name.replace(/\p{Cs}/gu, "\uFFFD")).replace(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.length <= MAX_NAME) return encoded;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `${encoded.slice(0, MAX_NAME - 33)}-${hash}`;
}

/** What a name was made from, as far as it can be told. */
export function nameOfFile(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    // It was cut in the middle of a sign.
    return file;
  }
}
