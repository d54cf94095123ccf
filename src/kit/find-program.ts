import { accessSync, constants, statSync } from "node:fs";
import { delimiter, extname, join, resolve } from "node:path";

/** Whether a shell in the folder would find a program of that name that this user may run. */
export function isProgram(program: string, cwd: string, path = process.env.PATH ?? ""): boolean {
  const places = /[\\/]/.test(program)
    ? [resolve(cwd, program)]
    : path.split(delimiter).map((folder) => join(folder, program));
  const endings =
    process.platform === "win32" && extname(program) === ""
      ? ["", ...(process.env.PATHEXT ?? ".EXE;.CMD;.BAT;.COM").split(";")]
      : [""];
  return places.some((place) => endings.some((ending) => isRunnable(place + ending)));
}

function isRunnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
