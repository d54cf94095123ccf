import { readFileSync } from "node:fs";
import { dts } from "rolldown-plugin-dts";
// The compiler has run before.
import { licenses } from "./dist/scripts/package/licenses.js";
import { onnxruntime } from "./dist/scripts/package/onnxruntime.js";

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
/** Installed beside the program: what has binaries of a platform, or starts a thread from a file of its own. The rest is in the bundle. */
const isInstalled = (id) =>
  Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`));

/**
 * The program as few files: a start that loads five hundred modules takes longer than a run with nothing to do, and what is in the bundle needs not be
 * installed. Not minified, so that stack traces can be read.
 */
const program = {
  input: {
    main: "dist/src/cli/main.js",
    "drill-victim": "dist/src/cli/drill/victim.js",
    worker: "dist/src/forecast/worker.js",
    "tree-helper": "dist/src/forecast/boosting/tree-helper.js",
    // In the same build, so that the failures of a custom step are the program's own.
    step: "dist/src/kit/public.js",
  },
  platform: "node",
  // The whole of zod is for custom steps only; the program has what it uses of it.
  external: (id, importer) => isInstalled(id) && (id !== "zod" || importer?.endsWith("kit/public.js")),
  plugins: [licenses("third-party-licenses.txt"), onnxruntime(process.env.RETRAIN_PLATFORMS, "dist/bin")],
  output: { dir: "dist/bundle", cleanDir: true, minify: false },
};

/** The types of `retrain/step` as one file that names nothing but zod, since the files that they come from are not shipped. */
const types = {
  input: { step: "dist/src/kit/public.d.ts" },
  platform: "node",
  external: ["zod"],
  plugins: [dts({ dtsInput: true, tsconfig: false })],
  output: { dir: "dist/bundle" },
};

export default [program, types];
