/** What a person says with a decision. */
export interface Words {
  readonly by: string;
  readonly reason: string;
}

const LONGEST_NAME = 200;
/** The registry keeps it in tags, beside the rest of the record; a server cuts them at 5,000 characters. */
const LONGEST_REASON = 2000;
/** A quarter: by then the next run judges the model anew. */
export const LONGEST_APPROVAL_DAYS = 92;

const DAY_MS = 86_400_000;

/** Why a text is no name of a person, or null. */
export function nameProblem(text: string): string | null {
  if (text.trim() === "") return "a name is needed";
  if (text.length > LONGEST_NAME)
    return `a name has at most ${LONGEST_NAME} characters, this one ${text.length}`;
  return isOneLine(text) ? null : "a name is one line of text";
}

/** Why a text is no reason, or null. */
export function reasonProblem(text: string): string | null {
  if (text.trim() === "") return "a reason is needed";
  if (text.length > LONGEST_REASON)
    return `a reason has at most ${LONGEST_REASON} characters, this one ${text.length}: link to what is longer`;
  return isOneLine(text.replaceAll(/[\r\n\t]/g, " ")) ? null : "a reason is plain text";
}

/**
 * Why a text is no last day of an approval, or null.
 * @param today ISO day
 */
export function expiryProblem(text: string, today: string): string | null {
  const last = lastDay(today);
  if (!isDay(text.trim())) return `"${text}" is no day: it is written as ${last}, for example`;
  if (text.trim() < today) return `${text.trim()} has passed: today is ${today}`;
  return text.trim() > last
    ? `${text.trim()} is too far away: an approval counts for at most ${LONGEST_APPROVAL_DAYS} days, until ${last}`
    : null;
}

/** The last day that an approval of `today` may name. */
export const lastDay = (today: string): string =>
  new Date(Date.parse(today) + LONGEST_APPROVAL_DAYS * DAY_MS).toISOString().slice(0, 10);

/** One spelling of a name or a reason: composed characters, single spaces. */
export const tidy = (text: string): string => text.normalize("NFC").replaceAll(/\s+/g, " ").trim();

/** Whether two names are those of one person: in other cases, widths or spaces they are. */
export const isSamePerson = (a: string, b: string): boolean => folded(a) === folded(b);

const folded = (name: string): string => tidy(name.normalize("NFKC").toLowerCase());

/** Control characters would drive a terminal, and halves of a character are no text. */
const isOneLine = (text: string): boolean => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text);

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
