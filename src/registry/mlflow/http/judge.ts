import { fail } from "../../../kit/failure.js";
import { jsonOf, mlflowError, plainText } from "./errors.js";
import type { Answer, Message } from "./exchange.js";
import type { Mask } from "./mask.js";
import type { NetworkProblem } from "./network-error.js";
import { isConflict } from "./retry.js";
import type { Settings } from "./settings.js";

/** What the last attempt of a request came to. */
export interface Outcome {
  readonly message: Message;
  /** How often it was sent. */
  readonly attempts: number;
  readonly settings: Settings;
  readonly mask: Mask;
}

/** What the host check of MLflow's server says (mlflow/server/security_utils.py). */
const HOST_CHECK = "Invalid Host header";

/**
 * The answer as a response, where it is MLflow's: success, or a refusal in JSON that only the caller can judge, such as "does not exist".
 * @throws FailureError for every other
 */
export function judgeAnswer(answer: Answer, outcome: Outcome): Response {
  const { status, headers } = answer;
  const { message, attempts, settings, mask } = outcome;
  const uri = settings.baseUrl;
  const request = requestOf(message, settings);
  const json = isApi(message, settings);
  if (status >= 200 && status < 300 && !json) return responseOf(answer, message);
  const text = new TextDecoder().decode(answer.body);
  if (status >= 200 && status < 300 && (text.trim() === "" || isObject(jsonOf(text))))
    return responseOf(answer, message);

  // Masked whole, before it is cut: the beginning of a password is none of the forms that are looked for.
  const error = mlflowError(status, mask(text));
  if (status === 403 && text.includes(HOST_CHECK))
    return fail({
      code: "registry.host-rejected",
      retryable: false,
      uri,
      host: new URL(settings.baseUrl).host,
    });
  if (status === 401 || status === 403 || status === 407)
    return fail({
      code: "registry.denied",
      retryable: false,
      uri,
      request,
      by: status === 407 ? "proxy" : "server",
      status,
      credentials: settings.credentials.kind,
      message: error.message,
    });
  if (status === 408 || status === 429 || status >= 500 || isConflict(status, text))
    return fail({
      code: "registry.server-error",
      retryable: true,
      uri,
      request,
      status,
      error: error.code,
      message: error.message,
      attempts,
    });
  const refusal = jsonOf(text);
  if (status >= 400 && isObject(refusal))
    return responseOf({ ...answer, body: masked(refusal, mask) }, message);
  return fail({
    code: "registry.not-mlflow",
    retryable: false,
    uri,
    request,
    status,
    contentType: headers.get("content-type"),
    redirect: status < 400 ? redirectOf(headers, message.url, mask) : null,
    excerpt: plainText(mask(text)).slice(0, 200),
  });
}

/** @throws FailureError always */
export function judgeProblem(problem: NetworkProblem, outcome: Outcome): never {
  const { message, attempts, settings, mask } = outcome;
  const uri = settings.baseUrl;
  const request = requestOf(message, settings);
  const detail = mask(problem.detail);
  if (problem.proxyStatus === 407)
    return fail({
      code: "registry.denied",
      retryable: false,
      uri,
      request,
      by: "proxy",
      status: 407,
      credentials: settings.credentials.kind,
      message: detail,
    });
  if (problem.reason === "protocol")
    return fail({
      code: "registry.not-mlflow",
      retryable: false,
      uri,
      request,
      status: null,
      contentType: null,
      redirect: null,
      excerpt: detail,
    });
  return fail({
    code: "registry.unreachable",
    retryable: problem.passing,
    uri,
    request,
    reason: problem.reason,
    detail,
    proxy: settings.proxy?.url.host ?? null,
    attempts,
  });
}

/** Method and path, without the query. */
const requestOf = ({ method, url }: Message, { baseUrl }: Settings): string =>
  `${method} ${url.slice(baseUrl.length).replace(/[?#].*$/s, "")}`;

/** Whether the answer is JSON: not for files, `/version` and `/health`. */
const isApi = ({ url }: Message, { baseUrl }: Settings): boolean =>
  /^\/api\/\d\.\d\/mlflow\//.test(url.slice(baseUrl.length));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function responseOf({ status, headers, body }: Answer, { url }: Message): Response {
  const response = new Response(status === 204 || status === 205 ? null : body, { status, headers });
  // As `fetch` has it; a response that is made by hand has none.
  return Object.defineProperty(response, "url", { value: url });
}

/** MLflow's message goes into failures of the caller. */
function masked(refusal: Record<string, unknown>, mask: Mask): Uint8Array<ArrayBuffer> {
  const { message } = refusal;
  const shown = typeof message === "string" ? { ...refusal, message: mask(message) } : refusal;
  return new TextEncoder().encode(JSON.stringify(shown));
}

/** Without query, where a login page keeps its state. */
function redirectOf(headers: Headers, base: string, mask: Mask): string | null {
  const location = headers.get("location");
  if (location === null || !URL.canParse(location, base)) return null;
  const { origin, pathname } = new URL(location, base);
  return mask(`${origin}${pathname}`);
}
