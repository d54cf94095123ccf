import { existsSync, readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The package's manifest, from the sources and from their compiled form, which lies one folder deeper. */
function readManifest(): Manifest {
  for (const above of ["../../", "../../../"]) {
    const path = new URL(`${above}package.json`, import.meta.url);
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Manifest;
  }
  throw new Error("this program's package.json is not where it was installed");
}

const manifest = readManifest();

export const VERSION = manifest.version;

/** Versions that results depend on: part of every fingerprint. */
export const TOOLS: Readonly<Record<string, string>> = {
  retrain: manifest.version,
  duckdb: manifest.dependencies["@duckdb/node-api"]!,
  onnxruntime: manifest.dependencies["onnxruntime-node"]!,
};
