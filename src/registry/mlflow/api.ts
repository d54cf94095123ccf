import createClient from "openapi-fetch";
import type { z } from "zod";
import { fail } from "../../kit/failure.js";
import type { paths } from "./generated/openapi.js";
import type { Connection } from "./http/connection.js";
import { mlflowError } from "./http/errors.js";
import { RETRY_HEADER } from "./http/exchange.js";

/** The server's own address, and its REST calls as openapi.yaml has them. */
export interface Api {
  readonly connection: Connection;
  readonly client: ReturnType<typeof createClient<paths>>;
}

export const apiOf = (connection: Connection): Api => ({
  connection,
  client: createClient<paths>({
    baseUrl: connection.baseUrl,
    fetch: (request) => connection.fetch(request),
    // Space as %20 and quotes escaped: the default leaves some of the signs that filters hold as they are.
    querySerializer: (query) => new URLSearchParams(Object.entries(query).flatMap(pairsOf)).toString(),
  }),
});

const pairsOf = ([name, value]: [string, unknown]): [string, string][] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map((one) => [name, String(one)]);

/** For a call that changes something and may be made twice. */
export const REPEATABLE = { headers: { [RETRY_HEADER]: "safe" } } as const;

interface Answer {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * The answer to a call, or null when MLflow refused it with one of `codes`.
 * @param name of the call, e.g. `runs/create`
 * @throws FailureError `registry.refused` for every other refusal, `registry.answer-unexpected` for an answer that
 * is not what openapi.yaml says
 */
export async function answerUnless<T>(
  codes: readonly string[],
  name: string,
  schema: z.ZodType<T>,
  call: Promise<Answer>,
): Promise<T | null> {
  const { data, error, response } = await call;
  if (!response.ok) {
    const { code, message } = mlflowError(response.status, error);
    if (code !== null && codes.includes(code)) return null;
    const { status } = response;
    return fail({
      code: "registry.refused",
      retryable: false,
      call: name,
      status,
      error: code,
      detail: message,
    });
  }
  const parsed = schema.safeParse(data ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const detail = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
  return fail({ code: "registry.answer-unexpected", retryable: false, call: name, detail }, parsed.error);
}

/** As `answerUnless`, for a call that has no refusal to expect. */
export async function answer<T>(name: string, schema: z.ZodType<T>, call: Promise<Answer>): Promise<T> {
  return (await answerUnless([], name, schema, call)) as T;
}

/** Every page of a listing. */
export async function allPages<T extends { readonly next_page_token: string }>(
  page: (token: { readonly page_token?: string }) => Promise<T>,
): Promise<readonly T[]> {
  const pages: T[] = [];
  for (let token = ""; ; ) {
    const next = await page(token === "" ? {} : { page_token: token });
    pages.push(next);
    token = next.next_page_token;
    if (token === "") return pages;
  }
}

export const MISSING = ["RESOURCE_DOES_NOT_EXIST"];
export const TAKEN = ["RESOURCE_ALREADY_EXISTS"];
