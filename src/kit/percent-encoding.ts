/** Percent signs that encode nothing stay as they are: passwords are often pasted into a URL without encoding. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
