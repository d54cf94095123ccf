/**
 * Says that onnxruntime tells its maker nothing. Its builds send names, hashes and times of models over HTTPS unless this variable is set
 * before the library is loaded, and leave an id of the machine, a queue and logs behind. The choice of whoever set it stands.
 *
 * A worker thread has a copy of the environment, which the library does not see: the main thread has to have called this.
 */
export function keepToItself(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
}
