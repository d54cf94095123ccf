import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Those that are in the bundle too. */
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The package's folder, from its bundle or sources, and from their compiled form, which lies one folder deeper. */
function findRoot(): URL {
  for (const above of ["../../", "../../../"]) {
    const root = new URL(above, import.meta.url);
    if (existsSync(new URL("package.json", root))) return root;
  }
  throw new Error("this program's package.json is not where it was installed");
}

const root = findRoot();
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as Manifest;

/** Path of a file of this installation. */
export const installed = (path: string): string => fileURLToPath(new URL(path, root));

export const VERSION = manifest.version;

/** Versions that results depend on: part of every fingerprint. */
export const TOOLS: Readonly<Record<string, string>> = {
  retrain: manifest.version,
  duckdb: manifest.dependencies["@duckdb/node-api"]!,
  onnxruntime: manifest.devDependencies["onnxruntime-node"]!,
};
