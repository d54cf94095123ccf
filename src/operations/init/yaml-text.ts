/** Plain scalars that YAML reads as text, also inside braces. */
const PLAIN = /^[A-Za-z_./][\w./-]*( [\w./-]+)*$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

/** A text as YAML, in quotes where it needs them. */
export const scalar = (text: string): string =>
  // `${` would be read as a variable of the environment.
  PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text.replaceAll("${", "$${"));

export const list = (texts: readonly string[]): string => `[${texts.map(scalar).join(", ")}]`;

export const listOrOne = (texts: readonly string[]): string =>
  texts.length === 1 ? scalar(texts[0]!) : list(texts);
