import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./checkout.js";

export interface Pin {
  readonly name: string;
  readonly version: string;
}

export type RequirementsFile = "requirements.txt" | "requirements-fallback.txt";

export const requirementsPath = (file: RequirementsFile): string =>
  join(checkout(), "scripts", "mlflow", file);

/** The packages that a requirements file pins, in its order. */
export function pinsOf(file: RequirementsFile): readonly Pin[] {
  return readFileSync(requirementsPath(file), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name, version, ...rest] = line.split("==");
      if (name === undefined || version === undefined || rest.length > 0)
        throw new Error(`${requirementsPath(file)}: expected NAME==VERSION, got ${line}`);
      return { name, version };
    });
}

/** The MLflow that is installed and served. */
export const mlflowPin = (): Pin => pinsOf("requirements.txt").find(({ name }) => name === "mlflow")!;
