import { keepToItself } from "../forecast/onnx/keep-to-itself.js";
import { enableCompileCache } from "./compile-cache.js";
import { tellBare } from "./tell-bare.js";

keepToItself();
enableCompileCache();
try {
  const { createProgram } = await import("./program.js");
  const { runProgram } = await import("./run-program.js");
  await runProgram(createProgram(), process.argv);
} catch (error) {
  process.exitCode = tellBare(error);
}
