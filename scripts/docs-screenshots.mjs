// Takes the pictures of the page in docs/images from a platform that it starts: node scripts/docs-screenshots.mjs
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./setup/paths.mjs";

const pictures = [
  { file: "page-light.png", width: 1280, height: 800, colorScheme: "light" },
  { file: "page-dark.png", width: 1280, height: 800, colorScheme: "dark" },
  { file: "page-phone.png", width: 390, height: 844, colorScheme: "light" },
];
const maxBytes = 400_000;
const patienceMs = 360_000;

/** Enough of everything: late, refused and repeated messages, alerts, windows from both layers. */
const options = [
  ...["--rate", "300", "--devices", "40", "--speed", "10x", "--seed", "7"],
  ...["--late", "1%", "--duplicates", "1%", "--malformed", "0.3%", "--port-base", "0"],
];

function startPlatform(dataDir) {
  const child = spawn(
    process.execPath,
    [join(root, "dist/local/cli.js"), "up", ...options, "--data", dataDir],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let text = "";
  const origin = new Promise((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (part) => {
      text += part;
      const page = /^page: (\S+)/m.exec(text);
      if (page !== null) resolve(page[1]);
    });
    child.once("exit", (code) => reject(new Error(`the platform ended with ${code}:\n${text}`)));
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  return { child, origin, exited };
}

/** Waits until both layers answer for one machine and every panel has something to show. */
async function waitForData(origin) {
  const endMs = Date.now() + patienceMs;
  while (Date.now() < endMs) {
    const { batch, devices, quarantine, alerts, late } = await (await fetch(`${origin}/api/state`)).json();
    if (devices.length > 0 && quarantine.total > 0 && alerts.length > 0 && late.total > 0) {
      const views = await fetch(`${origin}/api/views/factory-aggregates/${devices[0].deviceId}`);
      const { windows = [] } = views.ok ? await views.json() : {};
      const has = (source) => windows.filter((window) => window.source === source).length > 4;
      if (has("batch") && has("realtime")) return;
      // The platform runs the batch layer by itself, with pauses that a picture need not wait for.
      if (batch.status === "idle" && windows.length > 12) {
        await fetch(`${origin}/api/batch`, { method: "POST" }).catch(() => {});
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`the platform did not come to show both layers within ${patienceMs / 1000} s`);
}

async function takePictures(origin) {
  const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
    (path) => path !== undefined && existsSync(path),
  );
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const { file, width, height, colorScheme } of pictures) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.goto(origin);
      await page.waitForSelector("#answer tbody tr");
      // Two messages of the live stream: rates and charts are then drawn from real differences.
      await page.waitForTimeout(2500);
      const path = join(root, "docs/images", file);
      await page.screenshot({ path });
      const { size } = statSync(path);
      console.log(`${file}: ${size} bytes`);
      if (size > maxBytes) throw new Error(`${file} is larger than ${maxBytes} bytes`);
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

const dataDir = mkdtempSync(join(tmpdir(), "page-pictures-"));
const platform = startPlatform(dataDir);
try {
  const origin = await platform.origin;
  await waitForData(origin);
  await takePictures(origin);
} finally {
  platform.child.kill("SIGINT");
  await platform.exited;
  rmSync(dataDir, { recursive: true, force: true });
}
