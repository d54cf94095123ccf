import { hideSecrets, maskSecrets } from "../kit/secrets/hidden.js";
import { createStyle, type Style } from "../report/style.js";

/** Standard output is data, standard error is talk. Secrets are masked in both. */
export interface Terminal {
  /** Writes data to standard output. */
  data(text: string): void;
  /** Writes talk to standard error. */
  talk(text: string): void;
  /** For data that people read, and for talk. */
  readonly dataStyle: Style;
  readonly talkStyle: Style;
  readonly isTalkTty: boolean;
  readonly talkColor: boolean;
  readonly talkWidth: number;
  /** Path of the page that GitHub Actions shows for the job; null elsewhere. */
  readonly jobSummary: string | null;
  /** From now on these values are shown as `***`, by every terminal of this process. */
  hide(secrets: readonly string[]): void;
  mask(text: string): string;
}

export function openTerminal(): Terminal {
  // CI logs are read later, as text: a redrawn line would be a mess there.
  const isTty = (stream: NodeJS.WriteStream) => stream.isTTY === true && !process.env.CI;
  const color = (stream: NodeJS.WriteStream) => {
    if (process.env.NO_COLOR) return false;
    if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== "0";
    return isTty(stream) && process.env.TERM !== "dumb";
  };
  const width = (stream: NodeJS.WriteStream) => stream.columns ?? 100;
  return {
    data: (text) => void process.stdout.write(harmless(maskSecrets(text), color(process.stdout))),
    talk: (text) =>
      void process.stderr.write(harmless(maskSecrets(text), color(process.stderr) || isTty(process.stderr))),
    dataStyle: createStyle({ color: color(process.stdout), width: width(process.stdout) }),
    talkStyle: createStyle({ color: color(process.stderr), width: width(process.stderr) }),
    isTalkTty: isTty(process.stderr) && process.env.TERM !== "dumb",
    talkColor: color(process.stderr),
    talkWidth: width(process.stderr),
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
