import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

const candidates = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Path of the browser that the page is tested in; undefined where there is none. */
export const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path));

/** `describe`, or its skipping form with a word on standard error where no browser is found. */
export function describeInBrowser(): jest.Describe | jest.Describe["skip"] {
  if (chromiumPath !== undefined) return describe;
  process.stderr.write(
    "skipped: no Chromium was found; install it (Debian: apt-get install chromium) or set CHROMIUM\n",
  );
  return describe.skip;
}

export function launchChromium(): Promise<Browser> {
  const args = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({ executablePath: chromiumPath as string, args });
}
