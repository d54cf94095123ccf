import { enableCompileCache } from "./compile-cache.js";

enableCompileCache();
const { createProgram } = await import("./program.js");
const { runProgram } = await import("./run-program.js");
await runProgram(createProgram(), process.argv);
