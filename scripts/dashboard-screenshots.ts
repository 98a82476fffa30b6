/**
 * Takes the dashboard's pictures in docs/images, in light and dark and at laptop and phone width.
 *
 *   npx tsx scripts/dashboard-screenshots.ts [URL]
 *
 * URL is the page of a running platform; without it the page shows the sample figures of its tests.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchChromium } from "../tests/support/chromium";
import { openPagePlatform } from "../tests/support/page-platform";

const folder = join(__dirname, "../docs/images");
const sizes = { laptop: { width: 1280, height: 1080 }, phone: { width: 390, height: 844 } };

async function main(url: string | undefined): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const sample = url === undefined ? await openPagePlatform() : undefined;
  const browser = await launchChromium();
  try {
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of ["light", "dark"] as const) {
        const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
        const page = await context.newPage();
        await page.goto(url ?? (sample?.url as string));
        await page.waitForSelector("#answer tbody tr");
        await page.screenshot({ path: join(folder, `dashboard-${size}-${colorScheme}.png`) });
        await context.close();
      }
    }
  } finally {
    await browser.close();
    await sample?.close();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
