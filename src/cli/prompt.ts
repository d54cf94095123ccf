import { createInterface } from "node:readline/promises";
import type { Terminal } from "./terminal.js";

/** Shows a question and gives what was typed, without blanks at its ends. */
export type Ask = (question: string) => Promise<string>;

/** Whether somebody can be asked: a person at a terminal, who did not ask for JSON. */
export const canAsk = (terminal: Terminal, json: boolean): boolean =>
  process.stdin.isTTY === true && terminal.isTalkTty && !json;

/** A talk with a person at the terminal: what it gives, or null when they went away. */
export async function atTerminal<T>(talk: (ask: Ask) => Promise<T>): Promise<T | null> {
  const stop = new AbortController();
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  prompt.on("close", () => stop.abort());
  try {
    return await talk(async (question) => (await prompt.question(question, { signal: stop.signal })).trim());
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return null;
  } finally {
    prompt.close();
  }
}
