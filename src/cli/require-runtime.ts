import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../kit/failure.js";
import { installed } from "./version.js";

/** Where the build puts onnxruntime's binaries: `napi-vN/PLATFORM/ARCHITECTURE`. */
const BINARIES = installed("dist/bin");

/**
 * A package is packed for one platform unless all are asked for. On another one it says so before anything runs, rather than when a model is first needed.
 * @throws FailureError `forecast.no-runtime`
 */
export function requireRuntime(platform: string = process.platform, arch: string = process.arch): void {
  const packed = folders(BINARIES).flatMap((version) =>
    folders(join(BINARIES, version)).flatMap((name) =>
      folders(join(BINARIES, version, name)).map((kind) => `${name}-${kind}`),
    ),
  );
  // Sources that were not built have the library from where npm put it.
  if (packed.length === 0 || packed.includes(`${platform}-${arch}`)) return;
  fail({
    code: "forecast.no-runtime",
    retryable: false,
    platform: `${platform}-${arch}`,
    packed,
    detail: null,
  });
}

const folders = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path) : []);
