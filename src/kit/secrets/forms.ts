/** Shorter values stand in words that the text around them is made of: nobody can hide them. */
export const SHORTEST_SECRET = 8;

/** Words of a format, and frames of PEM files. */
const COMMON = /^(-----(BEGIN|END) [A-Z0-9 ]+-----|[-+]?[0-9]*\.[0-9]*)$/;

/** Members of a JSON credential that hold what must not be shown. */
const TELLING = /key|secret|token|pass|credential|auth|pwd|private|signature/i;
/** Other members of it are words and addresses; a longer one is an id that is part of the credential. */
const LONG_MEMBER = 24;

/**
 * Every text by which a secret, or a part of it that is one by itself, can be told in what a program writes: as it is, line by line, the members of a JSON
 * credential, and each of them as JSON, URLs, HTML, Markdown, base64 and hexadecimal digits write it.
 */
export function formsOf(secret: string): readonly string[] {
  const forms = new Set<string>();
  for (const text of partsOf(secret)) {
    for (const form of [...written(text), ...encoded(Buffer.from(text))])
      if (collapsed(form).length >= SHORTEST_SECRET) forms.add(form);
  }
  return [...forms];
}

function partsOf(secret: string): string[] {
  const whole = secret.trim();
  const parts = new Set([secret, whole, ...membersOf(whole)]);
  for (const text of [...parts]) for (const line of text.split(/\r\n|[\r\n]/)) parts.add(line.trim());
  return [...parts].filter((text) => text.trim().length >= SHORTEST_SECRET && !COMMON.test(text.trim()));
}

/** What a JSON credential, such as a service account's key file, holds of secrets. */
function membersOf(text: string): string[] {
  if (!/^[[{]/.test(text)) return [];
  const found: string[] = [];
  const walk = (value: unknown, isTelling: boolean): void => {
    if (typeof value === "string") {
      if (isTelling ? value.length >= SHORTEST_SECRET : value.length >= LONG_MEMBER) found.push(value);
    } else if (typeof value === "object" && value !== null)
      for (const [key, member] of Object.entries(value)) walk(member, isTelling || TELLING.test(key));
  };
  try {
    walk(JSON.parse(text), false);
  } catch {
    // It only looks like JSON.
  }
  return found;
}

function written(text: string): string[] {
  const json = quoted(text);
  const ascii = json.replace(
    /[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const url = encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));
  const strict = url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (url: string) => url.replace(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase());
  return [
    text,
    json,
    ascii,
    ...[json, ascii].flatMap((form) => [quoted(form), form.replaceAll("/", "\\/")]),
    ...[
      url,
      strict,
      strict.replaceAll("%20", "+"),
      form(text),
      encodeURI(text.replace(/\p{Cs}/gu, "\ufffd")),
    ].flatMap((url) => [url, lower(url)]),
    ...["&#39;", "&#x27;", "&apos;", "'"].flatMap((quote) =>
      ["&#34;", "&quot;", '"'].map((double) =>
        text
          .replace(/&/g, "&amp;")
          .replace(/</g, "&lt;")
          .replace(/>/g, "&gt;")
          .replaceAll('"', double)
          .replaceAll("'", quote),
      ),
    ),
    ...markdownOf(text),
  ];
}

/** As browsers send a form. */
const form = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As our own pages write it. */
function markdownOf(text: string): string[] {
  const signs = text.replace(/[\\`*[\]<>|#~&]/g, "\\$&");
  const words = signs.replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");
  return [signs, words, words.replace(/(?<![\p{L}\p{N}._-])@(?=[\p{L}\p{N}_])/gu, "@\u200b")];
}

/** Wherever it stands in what is encoded: base64 has three ways, whose first and last signs depend on what is around it. */
function encoded(bytes: Buffer): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const isWhole = (shift + bytes.length) % 3 === 0;
    return text.slice(shift === 0 ? 0 : shift + 1, isWhole ? undefined : -1);
  });
  const hex = bytes.toString("hex");
  return [
    ...base64.flatMap((text) => [
      text,
      text.replaceAll("+", "-").replaceAll("/", "_"),
      encodeURIComponent(text),
    ]),
    hex,
    hex.toUpperCase(),
  ];
}

/** Where lines are broken: white space, its escapes in JSON, and what our own pages put in front of lines. */
const BREAK = /[\s\0│]+|\\+[nrt]/g;

/** Without what breaks lines: a value that was wrapped is found all the same. */
export const collapsed = (text: string): string => text.replace(BREAK, "");

/** A collapsed text with the way back. */
export function collapse(text: string): { readonly text: string; at(index: number): number } {
  const starts: number[] = [];
  const offsets: number[] = [];
  let shown = "";
  let from = 0;
  const take = (to: number) => {
    if (to === from) return;
    starts.push(shown.length);
    offsets.push(from);
    shown += text.slice(from, to);
  };
  for (const found of text.matchAll(BREAK)) {
    take(found.index);
    from = found.index + found[0].length;
  }
  take(text.length);
  const at = (index: number): number => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return offsets[low]! + index - starts[low]!;
  };
  return { text: shown, at };
}
