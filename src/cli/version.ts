import { readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as Manifest;

export const VERSION = manifest.version;

/** Versions that results depend on: part of every fingerprint. */
export const TOOLS: Readonly<Record<string, string>> = {
  retrain: manifest.version,
  duckdb: manifest.dependencies["@duckdb/node-api"]!,
  onnxruntime: manifest.dependencies["onnxruntime-node"]!,
};
