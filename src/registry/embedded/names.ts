import { createHash } from "node:crypto";
import { fail } from "../../kit/failure.js";

/** Longest encoded name that is used as a folder name; file systems stop at 255 bytes. */
const MAX_FOLDER_NAME = 200;

/**
 * Folder name of a model. Letters, digits, `.`, `_` and `-` of ASCII stay readable, everything else becomes %XX of its UTF-8
 * bytes; a name that grows too long is cut and told apart by its hash.
 */
export function folderOfModel(name: string): string {
  checkModelName(name);
  const encoded = encodeURIComponent(name).replace(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.length <= MAX_FOLDER_NAME) return encoded;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `${encoded.slice(0, MAX_FOLDER_NAME - 33)}-${hash}`;
}

/** @throws FailureError `registry.name-invalid` on names that MLflow would not take either, and on a leading dot */
export function checkModelName(name: string): void {
  const detail =
    name === ""
      ? "a model name cannot be empty"
      : name.length > 250
        ? "a model name has at most 250 characters"
        : /[/:]/.test(name)
          ? "a model name cannot contain / or :"
          : name.startsWith(".")
            ? "a model name cannot start with a dot"
            : /[\p{Cc}\p{Cs}]/u.test(name)
              ? "a model name cannot contain control characters"
              : null;
  if (detail !== null) fail({ code: "registry.name-invalid", retryable: false, name, detail });
}

/**
 * MLflow's rules for aliases: letters, digits, `_` and `-`; `latest` and `v` + digits mean something else in a model URI.
 * @throws FailureError `registry.name-invalid`
 */
export function checkAlias(alias: string): void {
  const detail = !/^[\p{L}\p{N}_-]{1,255}$/u.test(alias)
    ? "an alias has 1 to 255 letters, digits, - or _"
    : /^(latest|v\d+)$/i.test(alias)
      ? "latest and v<number> are reserved"
      : null;
  if (detail !== null) fail({ code: "registry.name-invalid", retryable: false, name: alias, detail });
}

/**
 * Path of a file inside a run or a model: `/`-separated, relative, without `.` and `..`.
 * @throws FailureError `registry.name-invalid`
 */
export function checkPath(path: string): void {
  const sound = path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && !/[\\\p{Cc}]/u.test(part));
  if (sound) return;
  const detail = "a path in the registry is relative, with / between its parts and no . or .. among them";
  fail({ code: "registry.name-invalid", retryable: false, name: path, detail });
}
