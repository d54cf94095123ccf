import { z } from "zod";

/** An error answer of MLflow, e.g. 404 with code `RESOURCE_DOES_NOT_EXIST`. */
export interface MlflowError {
  readonly status: number;
  /** MLflow's `error_code`, or null when the answer has none. */
  readonly code: string | null;
  readonly message: string;
}

/** `detail` is what FastAPI's own refusals have in place of a message. */
const ErrorBody = z.looseObject({
  error_code: z.string().nullish(),
  message: z.string().nullish(),
  detail: z.unknown().optional(),
});

const LONGEST_MESSAGE = 500;

/** Reads an error answer: `body` is its JSON, parsed or as text, or else HTML or plain text. */
export function mlflowError(status: number, body: unknown): MlflowError {
  const parsed = ErrorBody.safeParse(typeof body === "string" ? jsonOf(body) : body).data;
  if (parsed === undefined)
    return { status, code: null, message: typeof body === "string" ? plainText(body) : "" };
  const { error_code: code, message, detail } = parsed;
  const said = message ?? (detail === undefined ? "" : JSON.stringify(detail));
  return { status, code: code ?? null, message: shortened(said) };
}

/** Undefined for what is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What a reader of the page would see of its beginning. */
export function plainText(text: string): string {
  const words = /^\s*</.test(text)
    ? text
        .replace(/<(script|style)\b.*?<\/\1\s*>/gis, " ")
        .replace(/<[^>]*>/g, " ")
        .replace(/&(lt|gt|amp|quot|nbsp|#39);/g, (_, name: string) => ENTITIES[name] ?? " ")
    : text;
  return shortened(words.replace(/\s+/g, " ").trim());
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };

const shortened = (text: string): string =>
  text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)}…`;
