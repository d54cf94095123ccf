import { fileNameOf } from "../../durable/file-name.js";
import { fail } from "../../kit/failure.js";
import { aliasProblem, modelNameProblem } from "../../kit/registry-names.js";

/** Folder name of a model. */
export function folderOfModel(name: string): string {
  checkModelName(name);
  return fileNameOf(name);
}

/** @throws FailureError `registry.name-invalid` */
export const checkModelName = (name: string): void => check(name, modelNameProblem(name));

/** @throws FailureError `registry.name-invalid` */
export const checkAlias = (alias: string): void => check(alias, aliasProblem(alias));

function check(name: string, detail: string | null): void {
  if (detail !== null) fail({ code: "registry.name-invalid", retryable: false, name, detail });
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
