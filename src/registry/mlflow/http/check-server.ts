import { fail } from "../../../kit/failure.js";
import type { Connection } from "./connection.js";
import { plainText } from "./errors.js";

/** The first with logged models, which a version's files belong to. */
const MINIMUM = "3.0";

/**
 * Asks the server for its version, e.g. "3.18.0". The host check lets this pass; the first other request shows what it says.
 * @throws FailureError `registry.too-old`, `registry.not-mlflow`, or what `Connection.fetch` fails with
 */
export async function checkServer(connection: Connection): Promise<string> {
  const request = "/version";
  const response = await connection.fetch(new Request(`${connection.baseUrl}${request}`));
  const text = (await response.text()).trim();
  const major = /^(\d+)\.\d+/.exec(text)?.[1];
  if (!response.ok || major === undefined || text.length > 40)
    return fail({
      code: "registry.not-mlflow",
      retryable: false,
      uri: connection.baseUrl,
      request: `GET ${request}`,
      status: response.status,
      contentType: response.headers.get("content-type"),
      redirect: null,
      excerpt: plainText(text).slice(0, 200),
    });
  if (Number(major) < 3)
    return fail({
      code: "registry.too-old",
      retryable: false,
      uri: connection.baseUrl,
      version: text,
      minimum: MINIMUM,
    });
  return text;
}
