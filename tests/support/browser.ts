import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { chosen } from "./thorough.js";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium of this machine, or null. `RETRAIN_CHROMIUM` names another one. */
export function findChromium(): string | null {
  const named = process.env.RETRAIN_CHROMIUM;
  return named !== undefined && named !== "" ? named : (PLACES.find((path) => existsSync(path)) ?? null);
}

export const VIEWPORTS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1024 },
  desktop: { width: 1440, height: 900 },
} as const;
export const COLOR_SCHEMES = ["light", "dark"] as const;

export interface View {
  readonly viewport: keyof typeof VIEWPORTS;
  readonly colorScheme: (typeof COLOR_SCHEMES)[number];
}

/** All ways to look at a page. */
export const VIEWS: readonly View[] = (["phone", "tablet", "desktop"] as const).flatMap((viewport) =>
  COLOR_SCHEMES.map((colorScheme) => ({ viewport, colorScheme })),
);

/** The narrowest one and both schemes of colours for every change, and the rest by night. */
export const SAMPLED_VIEWS: readonly View[] = chosen(
  VIEWS,
  ({ viewport, colorScheme }) =>
    (viewport === "phone") === (colorScheme === "light") && viewport !== "tablet",
);

export const launchChromium = (path: string): Promise<Browser> =>
  // Root in a container has no user namespaces for the sandbox; the pages are our own.
  chromium.launch({ executablePath: path, args: ["--no-sandbox", "--disable-gpu"] });

/** Opens a file as a reader would, in a page that is closed afterwards. */
export async function withPage<T>(
  browser: Browser,
  file: string,
  { viewport, colorScheme }: View,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ viewport: VIEWPORTS[viewport], colorScheme });
  try {
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    return await use(page);
  } finally {
    await context.close();
  }
}

/** What axe-core finds of serious or critical impact, one line a node. Page scripts run only for this. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  const results = (await page.evaluate("axe.run()")) as {
    violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
  };
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
    );
}

/** Pixels by which the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** A suite that needs a browser: skipped loudly without one, failed with `RETRAIN_REQUIRE_BROWSER=1`. */
export function describeWithBrowser(name: string, suite: (browser: () => Browser) => void): void {
  const path = findChromium();
  if (path === null) {
    const message = `${name}: no Chromium found (${PLACES.join(", ")}, RETRAIN_CHROMIUM)`;
    if (process.env.RETRAIN_REQUIRE_BROWSER === "1") throw new Error(message);
    console.warn(`SKIPPED ${message}`);
    describe.skip(name, () => suite(() => undefined as never));
    return;
  }
  describe(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium(path);
    }, 60_000);
    afterAll(() => browser.close());
    suite(() => browser);
  });
}
