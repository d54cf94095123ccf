import { hideSecrets, maskSecrets } from "../kit/secrets/hidden.js";
import { createStyle, type Style } from "../report/style.js";
import { fitted } from "../report/text.js";
import { standardError, standardOutput } from "./streams.js";

/** Standard output is data, standard error is talk. Secrets are masked in both. */
export interface Terminal {
  /** Writes data that people read to standard output; on a screen its lines are made to fit. */
  data(text: string): void;
  /** Writes a JSON document to standard output. */
  document(value: unknown): void;
  /** Writes a document, or what it says to people. */
  show(json: boolean | undefined, document: unknown, text: (style: Style) => string): void;
  /** Writes to standard output what is of a file, or is to become one: every line stays as it is. */
  file(text: string): void;
  /** Writes talk to standard error; on a screen its lines are made to fit. */
  talk(text: string): void;
  /** For data that people read, and for talk. */
  readonly dataStyle: Style;
  readonly talkStyle: Style;
  readonly isTalkTty: boolean;
  /** Path of the page that GitHub Actions shows for the job; null elsewhere. */
  readonly jobSummary: string | null;
  /** From now on these values are shown as `***`, by every terminal of this process. */
  hide(secrets: readonly string[]): void;
  mask(text: string): string;
}

/** Columns of sentences where no screen says how many it has. */
const USUAL_WIDTH = 100;

export function openTerminal(): Terminal {
  // CI logs are read later, as text: a redrawn line would be a mess there.
  const isTty = (stream: NodeJS.WriteStream) => stream.isTTY === true && !process.env.CI;
  const color = (stream: NodeJS.WriteStream) => {
    if (process.env.NO_COLOR) return false;
    if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== "0";
    return isTty(stream) && process.env.TERM !== "dumb";
  };
  const style = (stream: NodeJS.WriteStream) =>
    createStyle({
      color: color(stream),
      width: stream.columns || USUAL_WIDTH,
      isScreen: stream.isTTY === true && stream.columns > 0,
    });
  const [dataStyle, talkStyle] = [style(process.stdout), style(process.stderr)];
  const forScreen = (text: string, { isScreen, width }: Style) => (isScreen ? fitted(text, width) : text);
  const file = (text: string) => standardOutput(harmless(maskSecrets(text), color(process.stdout)));
  const data = (text: string) => file(forScreen(text, dataStyle));
  const document = (value: unknown) => file(`${JSON.stringify(value, null, 2)}\n`);
  return {
    data,
    document,
    show: (json, value, text) => (json === true ? document(value) : data(text(dataStyle))),
    file,
    talk: (text) =>
      standardError(
        harmless(maskSecrets(forScreen(text, talkStyle)), color(process.stderr) || isTty(process.stderr)),
      ),
    dataStyle,
    talkStyle,
    isTalkTty: isTty(process.stderr) && process.env.TERM !== "dumb",
    jobSummary: process.env.GITHUB_STEP_SUMMARY || null,
    hide: hideSecrets,
    mask: maskSecrets,
  };
}

/**
 * The last door before a terminal. Where we draw nothing ourselves no control character goes through but line breaks and tabs. Those above ASCII, which
 * terminals obey too, are never ours: they become their escapes, by which JSON stays the same data.
 */
const harmless = (text: string, isDrawn: boolean): string =>
  (isDrawn ? text : text.replace(/\r\n/g, "\n").replace(/[^\P{Cc}\n\t\x7f-\x9f]/gu, "")).replace(
    /[\x7f-\x9f]/g,
    (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
  );
