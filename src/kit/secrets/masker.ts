import { collapse, collapsed, formsOf, SHORTEST_SECRET } from "./forms.js";

/** Hides secrets in text, in every form that they are written in, also where lines are broken inside them. */
export class Masker {
  private readonly forms = new Set<string>();
  /** Sign → the beginnings of forms that end with it. */
  private readonly beginnings = new Map<string, Set<string>>();

  constructor(secrets: readonly string[] = []) {
    this.hide(secrets);
  }

  /** Values of fewer than 8 characters are not hidden: they would take ordinary words with them. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.trim().length < SHORTEST_SECRET) continue;
      for (const form of formsOf(secret)) this.add(collapsed(form));
    }
  }

  private add(form: string): void {
    if (this.forms.has(form)) return;
    this.forms.add(form);
    for (let end = 1; end < form.length; end++) {
      const sign = form[end - 1]!;
      const known = this.beginnings.get(sign) ?? new Set();
      this.beginnings.set(sign, known.add(form.slice(0, end)));
    }
  }

  /** Values that overlap in the text, or lie inside each other, are masked as one: no end of one stays legible. */
  readonly mask = (text: string): string => {
    const open = this.forms.size === 0 ? text : this.withoutForms(text);
    return withoutUserinfo(open);
  };

  private withoutForms(text: string): string {
    const { text: searched, at } = collapse(text);
    const found: { from: number; to: number }[] = [];
    for (const form of this.forms)
      for (let from = searched.indexOf(form); from >= 0; from = searched.indexOf(form, from + 1))
        found.push({ from: at(from), to: at(from + form.length - 1) + 1 });
    found.sort((a, b) => a.from - b.from);
    let masked = "";
    let shown = 0;
    for (const { from, to } of found) {
      if (from >= shown) masked += `${text.slice(shown, from)}***`;
      shown = Math.max(shown, to);
    }
    return masked + text.slice(shown);
  }

  /** Whether a secret may have begun at the end of the text that goes on after it. */
  mayGoOn(text: string): boolean {
    if (this.forms.size === 0) return false;
    const end = collapsed(text.slice(-20_000));
    for (const beginning of this.beginnings.get(end.at(-1) ?? "") ?? [])
      if (end.endsWith(beginning)) return true;
    return false;
  }
}

/** User and password of an address are never to be shown, whoever wrote it. */
const withoutUserinfo = (text: string): string =>
  text.includes("://")
    ? text.replace(/([a-z][a-z\d+.-]*:\/\/)[^/?#\s"'<>@]*:[^/?#\s"'<>@]*@/gi, "$1***@")
    : text;
