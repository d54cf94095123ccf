import { fail } from "../../kit/failure.js";
import { keepToItself } from "./keep-to-itself.js";

/**
 * onnxruntime, loaded when it is first asked for: its library takes tens of milliseconds, which commands that run no model should not pay.
 * @throws FailureError `forecast.no-runtime` when its library does not load on this machine
 */
export async function loadOnnxRuntime(): Promise<typeof import("onnxruntime-node")> {
  keepToItself();
  try {
    return await import("onnxruntime-node");
  } catch (error) {
    return fail(
      {
        code: "forecast.no-runtime",
        retryable: false,
        platform: `${process.platform}-${process.arch}`,
        packed: null,
        detail: error instanceof Error ? error.message : String(error),
      },
      error,
    );
  }
}
