const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;

/** Milliseconds that one picture of the spinner stands. */
export const FRAME_MS = 80;

export const spinner = (elapsedMs: number): string =>
  FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length] ?? FRAMES[0];

/** A bar of `width` columns split into what is done and what is left, so that each can have its colour. */
export function bar(done: number, total: number, width: number): { full: string; rest: string } {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const cells = Math.round(share * width);
  return { full: "━".repeat(cells), rest: "─".repeat(width - cells) };
}
