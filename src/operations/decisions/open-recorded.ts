import { dirname } from "node:path";
import type { Clock } from "../../kit/clock.js";
import { FailureError } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import { openRegistry } from "../../registry/open.js";
import type { OpenRecorded } from "./of-runs.js";

/** Whoever asks what a run did does not want to wait for a server that is gone. */
const LIMIT_SECONDS = 5;

/** Opens registries to look something up beside what was asked for: a server is asked once, and not waited for. */
export function lookUpRegistry(
  { files, clock }: { readonly files: DurableFiles; readonly clock: Clock },
  environment: Readonly<Record<string, string | undefined>>,
): OpenRecorded {
  return (uri, { header }) => {
    const stop = new AbortController();
    const late = new FailureError({
      code: "registry.unreachable",
      retryable: true,
      uri,
      request: "all that was asked",
      reason: "timeout",
      detail: `no answer within ${LIMIT_SECONDS} s`,
      proxy: null,
      attempts: 1,
    });
    setTimeout(() => stop.abort(late), LIMIT_SECONDS * 1000).unref();
    const env = { ...environment, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
    return openRegistry(uri, { files, clock, baseFolder: dirname(header.runbook), env, signal: stop.signal });
  };
}
