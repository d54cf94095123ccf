import { defineConfig } from "rolldown";

/**
 * The program as few files: a start that loads five hundred modules takes longer than a run with nothing to do. Not minified, so that stack traces
 * can be read. Libraries with native code stay outside, and so does what only some commands load.
 */
const OUTSIDE = /^(@duckdb\/|onnxruntime-node|echarts|tinypool)/;

export default defineConfig({
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
  external: (id, importer) => OUTSIDE.test(id) || (id === "zod" && importer?.endsWith("kit/public.js")),
  output: { dir: "dist/bundle", cleanDir: true, minify: false },
});
