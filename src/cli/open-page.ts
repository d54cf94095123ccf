import { spawn } from "node:child_process";
import { release } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Terminal } from "./terminal.js";

/** A program that opens a page, and what it is given; null where there is nobody to look at one. */
export function openerOf(
  url: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  isWsl: boolean,
): readonly [program: string, args: readonly string[]] | null {
  if (env.BROWSER) return [env.BROWSER, [url]];
  switch (platform) {
    case "darwin":
      return ["open", [url]];
    case "win32":
      return ["explorer.exe", [url]];
    default:
      if (isWsl) return ["wslview", [url]];
      return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open", [url]] : null;
  }
}

/** Opens a page in the browser by the program that the platform has for it. That it cannot be opened is said, and is no failure of what made it. */
export async function openPage(path: string, terminal: Terminal): Promise<void> {
  const url = pathToFileURL(resolve(path)).href;
  const isWsl = process.platform === "linux" && /microsoft/i.test(release());
  const opener = openerOf(url, process.platform, process.env, isWsl);
  if (opener === null) {
    terminal.talk(`! No browser is here to open the page with: ${url}\n`);
    return;
  }
  const [program, args] = opener;
  const problem = await new Promise<string | null>((done) => {
    const child = spawn(program, [...args], { stdio: "ignore", detached: true });
    child.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    child.once("spawn", () => {
      child.unref();
      done(null);
    });
  });
  if (problem !== null)
    terminal.talk(`! ${program} cannot be started to open the page (${problem}): ${url}\n`);
}
