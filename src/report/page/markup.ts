/** HTML that is safe to put into a page. Only `html` and `trusted` make it. */
export class Html {
  constructor(readonly source: string) {}
}

export type Child = Html | string | readonly Child[];

/** Strings are escaped, Html is not, lists are joined. Numbers are refused by their type: they need a format first. */
export function html(parts: TemplateStringsArray, ...children: readonly Child[]): Html {
  return new Html(parts.reduce((page, part, i) => page + render(children[i - 1] ?? "") + part));
}

export const NOTHING = new Html("");

function render(child: Child): string {
  if (child instanceof Html) return child.source;
  return typeof child === "string" ? escapeHtml(child) : child.map(render).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that HTML does not allow become U+FFFD. */
export const legible = (text: string): string =>
  text.replace(/[^\P{Cc}\t\n\r]|\p{Surrogate}|\p{Noncharacter_Code_Point}/gu, "\ufffd");

/** For text and quoted attributes. */
export const escapeHtml = (text: string): string =>
  legible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** Markup that our own code made, e.g. a chart. Never call it with text of a user. */
export const trusted = (source: string): Html => new Html(source);
