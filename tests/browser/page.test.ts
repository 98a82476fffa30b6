import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchChromium } from "../support/chromium";
import { openPagePlatform, type PagePlatform } from "../support/page-platform";

const contrastCheck = readFileSync(join(__dirname, "../support/page-contrast.js"), "utf8");

describeInBrowser()("web dashboard", () => {
  let browser: Browser;
  let platform: PagePlatform;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    platform = await openPagePlatform();
    problems = [];
    page = await open({ width: 1280, height: 900 });
  });
  afterEach(async () => {
    await page.context().close();
    await platform.close();
    expect(problems).toEqual([]);
  });

  async function open(
    viewport: { width: number; height: number },
    colorScheme: "light" | "dark" = "light",
  ): Promise<Page> {
    const context = await browser.newContext({ viewport, colorScheme });
    const opened = await context.newPage();
    opened.on("pageerror", (error) => problems.push(error.message));
    opened.on("console", (message) => {
      const expected = /status of 4\d\d|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/.test(message.text());
      if (message.type() === "error" && !expected) problems.push(message.text());
    });
    opened.on("request", (request) => {
      if (!request.url().startsWith(platform.url) && !request.url().startsWith("data:"))
        problems.push(`asked for ${request.url()}`);
    });
    await opened.goto(platform.url);
    await opened.waitForSelector("#answer tbody tr");
    return opened;
  }

  const textOf = (selector: string) => page.locator(selector).textContent();
  const key = () => page.locator("#query input[name=key]");

  it("shows the clock, the run and that it is live", async () => {
    expect(await textOf("#clock-now")).toBe("2026-11-21 10:42:07 UTC");
    expect(await textOf("#clock-speed")).toBe("10x real time");
    expect(await textOf("#run")).toContain("seed 42");
    expect(await textOf("#link")).toBe("live");
  });

  it("draws every hop with rate, latency, backlog and errors, and follows them", async () => {
    const flow = await page.locator("#flow").textContent();
    for (const part of [
      "1,204/s",
      "3 ms / 10 ms",
      "backlog 18.4k",
      "errors 0.4/s",
      "Stream Analytics",
      "Merged answer",
    ]) {
      expect(flow).toContain(part);
    }
    expect(await page.locator(".flow-picture .hop.failing").count()).toBe(1);
    platform.state.hops = platform.state.hops.map((hop) => ({
      ...hop,
      eventsPerSecond: 4321,
      errorsPerSecond: 0,
    }));
    await page.locator("#flow", { hasText: "4,321/s" }).waitFor();
    expect(await page.locator(".flow-picture .hop.failing").count()).toBe(0);
    await page.getByText("Hops as a table").click();
    expect(await page.locator("#hops tbody tr").count()).toBe(platform.state.hops.length);
  });

  it("marks a backlog only where more waits than the hop leaves by design, and says how it moves", async () => {
    const waiting = page.locator(".flow-picture .waiting");
    expect(await waiting.allTextContents()).toEqual(["backlog 18.4k"]);
    const capture = page.locator(".flow-picture .hop", { hasText: "backlog 31k" });
    expect(await capture.textContent()).toContain("files every 30 s");
    platform.state.hops = platform.state.hops.map((hop) => ({ ...hop, waiting: hop.to === "capture" }));
    await page.locator(".flow-picture .waiting", { hasText: "backlog 31k" }).waitFor();
    expect(await waiting.count()).toBe(1);
  });

  it.each([1280, 390])("keeps every text of the flow inside its picture at a width of %i", async (width) => {
    await page.context().close();
    page = await open({ width, height: 844 });
    platform.state.hops = platform.state.hops.map((hop) => ({
      ...hop,
      eventsPerSecond: 12_345,
      errorsPerSecond: 0,
      latencyMs: hop.latencyMs === null ? null : { p50: 138, p99: 1329 },
    }));
    await page.locator("#flow", { hasText: "138 ms / 1,329 ms" }).waitFor();
    const outside = await page.evaluate(`(() => {
      const svg = document.querySelector(".flow-picture");
      const { x: left, width } = svg.viewBox.baseVal;
      return [...svg.querySelectorAll("text")]
        .filter((text) => { const { x, width: w } = text.getBBox(); return w > 0 && (x < left || x + w > left + width); })
        .map((text) => text.textContent);
    })()`);
    expect(outside).toEqual([]);
  });

  it.each([
    [56.78, 71.63, [55, 60, 65, 70, 75]],
    [0, 3, [0, 1, 2, 3]],
    [5, 5, [4.75, 5, 5.25]],
    [-0.02, 0.011, [-0.02, -0.01, 0, 0.01, 0.02]],
  ])("draws round values beside the chart for %d to %d", async (least, largest, expected) => {
    const read = `import("/chart.js").then(({ roundTicks }) => roundTicks(${least}, ${largest}))`;
    expect(await page.evaluate(read)).toEqual(expected);
  });

  it("marks a process that is down, and tells of it", async () => {
    platform.state.processes = platform.state.processes.map((process) =>
      process.name === "cosmos" ? { ...process, status: "down", restarts: 2 } : process,
    );
    const text = "cosmos ended and is started again";
    platform.state.notices = [
      { wallIso: new Date().toISOString(), text, level: "warn" },
      ...platform.state.notices,
    ];
    await page.locator(".node.stopped", { hasText: "Cosmos DB" }).waitFor();
    await page.locator("#notice", { hasText: text }).waitFor();
    expect(await page.locator("#notice").getAttribute("aria-live")).toBe("polite");
  });

  it("asks the serving API and shows sources with the watermark", async () => {
    expect(await page.locator("#chart svg[role=img] rect.batch").count()).toBeGreaterThan(5);
    expect(await page.locator("#chart svg[role=img] circle.realtime").count()).toBeGreaterThan(5);
    expect(await page.locator("#chart .watermark").count()).toBe(1);
    expect(await textOf("#query-message")).toMatch(/device-1: \d+ windows, \d+ from the batch layer/);
    expect(platform.calls).toContain("GET /api/views/factory-aggregates/device-1");
  });

  it("sets real-time values against the batch values that have replaced them", async () => {
    platform.state.batch = { ...platform.state.batch, batchHighWatermarkIso: "2026-11-21T10:36:00.000Z" };
    await page.locator("#batch", { hasText: "10:36:00" }).waitFor();
    await page.getByRole("button", { name: "Ask" }).click();
    await page.locator("#chart svg[role=img] circle.replaced").first().waitFor();
    expect(await page.locator("#chart svg[role=img] circle.replaced").count()).toBe(8);
    const row = page.locator("#answer tbody tr", { hasText: "10:35" }).first();
    expect(await row.textContent()).toMatch(/batch\d+\.\d+/);
  });

  it("sets arrived windows of a key that was not asked for against its batch values", async () => {
    const [first] = platform.state.windows;
    platform.state.windows = [
      {
        ...(first as object),
        grain: "device",
        key: "device-3",
        end: "2026-11-21T10:20:00.0000000Z",
        count: 50,
        temperatureAvg: 12.5,
      } as never,
    ];
    await page.locator("#windows", { hasText: "10:20" }).waitFor();
    await page.locator("#devices").getByRole("button", { name: "device-3", exact: true }).click();
    await page.locator("#answer tbody tr", { hasText: "12.5" }).waitFor();
    expect(await page.locator("#chart svg[role=img] circle.replaced").count()).toBe(1);
  });

  it("shows the problem's own words when the key has no windows, and mistakes in the range", async () => {
    await key().fill("none");
    await key().press("Enter");
    await page.locator("#query-message.bad", { hasText: "device none has no windows" }).waitFor();
    await key().fill("device-2");
    await page.getByRole("textbox", { name: "From" }).fill("yesterday");
    await page.getByRole("textbox", { name: "From" }).press("Enter");
    await page.locator("#query-message.bad", { hasText: "is no moment" }).waitFor();
    await page.getByRole("textbox", { name: "From" }).fill("10:30");
    await page.getByRole("textbox", { name: "To" }).fill("10:40");
    await page.getByRole("textbox", { name: "To" }).press("Enter");
    await page.locator("#query-message", { hasText: "device-2: 10 windows" }).waitFor();
  });

  it("shows the windows of a device that is chosen in the table", async () => {
    await page.locator("#devices").getByRole("button", { name: "device-9" }).click();
    await page.locator("#query-message", { hasText: "device-9:" }).waitFor();
    expect(await key().inputValue()).toBe("device-9");
  });

  it("offers keys of the chosen grain", async () => {
    await page.getByLabel("Grain").selectOption("line");
    await page.locator("#query-message", { hasText: "factory-1~line-1:" }).waitFor();
    expect(platform.calls).toContain("GET /api/views/factory-aggregates/factory-1~line-1");
  });

  it("replays a refused message once", async () => {
    await page
      .locator("#quarantine")
      .getByRole("button", { name: /Replay the message/ })
      .first()
      .click();
    await page.locator("#quarantine-message", { hasText: "Sent again" }).waitFor();
    expect(platform.calls.filter((call) => call.startsWith("POST"))).toEqual([
      "POST /api/quarantine/telemetry~0~1/replay",
    ]);
    expect(await page.locator("#quarantine button").first().isDisabled()).toBe(true);
    platform.state.quarantine = {
      ...platform.state.quarantine,
      items: platform.state.quarantine.items.map((item, index) =>
        index === 0 ? { ...item, replayed: true } : item,
      ),
    };
    await page.locator("#quarantine button", { hasText: "Replayed" }).nth(1).waitFor();
  });

  it("sends a corrected message, and keeps the editor while it is still refused", async () => {
    await page
      .getByRole("button", { name: /^Correct the message/ })
      .first()
      .click();
    const editor = page.locator("#quarantine textarea");
    expect(await editor.inputValue()).toContain("<img src=x");
    await editor.fill("still wrong");
    platform.state.quarantine = { total: 500, items: [] };
    await page.locator("#quarantine-count", { hasText: "500" }).waitFor();
    await page.getByRole("button", { name: "Send corrected" }).click();
    await page.locator("#quarantine-message.bad", { hasText: "refused again" }).waitFor();
    await editor.fill('{"eventId":"e-0"}');
    await page.getByRole("button", { name: "Send corrected" }).click();
    await page.locator("#quarantine-message", { hasText: "Sent again" }).waitFor();
    expect(platform.calls).toContain(`BODY ${JSON.stringify({ body: '{"eventId":"e-0"}' })}`);
    await page.locator("#quarantine", { hasText: "Nothing was refused" }).waitFor();
  });

  it("runs a batch and shows why one failed", async () => {
    platform.runBatch = async () => {
      throw new Error("a batch run is under way");
    };
    await page.getByRole("button", { name: "Run a batch now" }).click();
    await page.locator("#batch-message.bad", { hasText: "a batch run is under way" }).waitFor();
    platform.runBatch = async () => ({ generation: 4 });
    await page.locator("#batch-run:enabled").waitFor();
    await page.getByRole("button", { name: "Run a batch now" }).click();
    await page.locator("#batch-message", { hasText: "complete" }).waitFor();
    expect(platform.calls.filter((call) => call === "BATCH")).toHaveLength(2);
  });

  it("shows texts of messages as texts, whatever they hold", async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    platform.state.alerts = [
      { id: hostile, deviceId: hostile, rule: hostile, severity: hostile, value: 1, eventTime: hostile },
    ];
    platform.state.devices = [
      {
        ...(platform.state.devices[0] as (typeof platform.state.devices)[0]),
        deviceId: hostile,
        status: hostile,
      },
    ];
    platform.state.notices = [{ wallIso: hostile, text: hostile, level: "error" }];
    platform.state.late = {
      total: 1,
      items: [{ eventId: hostile, eventTime: hostile, kind: hostile, enqueuedIso: hostile }],
    };
    await page.locator("#alerts", { hasText: "onerror" }).waitFor();
    expect(await page.locator("#alerts").textContent()).toContain(hostile);
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toBe("Lambda platform");
  });

  it("carries a strict content security policy and no inline code", async () => {
    const response = await page.request.get(platform.url);
    expect(response.headers()["content-security-policy"]).toContain("default-src 'self'");
    expect(response.headers()["content-security-policy"]).not.toContain("unsafe");
    expect(await response.text()).not.toMatch(/<script>|\son\w+=|\sstyle=/);
  });

  it("keeps the focus while figures move", async () => {
    const button = page.locator("#quarantine button").first();
    await button.focus();
    platform.state.quarantine = { ...platform.state.quarantine, total: 999 };
    await page.locator("#quarantine-count", { hasText: "999" }).waitFor();
    expect(
      await page.evaluate("document.activeElement === document.querySelector('#quarantine button')"),
    ).toBe(true);
  });

  it("can be used by keyboard alone", async () => {
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement?.textContent")).toBe("Skip to content");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await textOf("#theme")).toBe("Theme: light");
    const chart = page.locator("#chart [tabindex]");
    await chart.focus();
    await page.keyboard.press("End");
    await page.locator("#chart-readout", { hasText: "real-time" }).waitFor();
    await page.keyboard.press("Home");
    await page.locator("#chart-readout", { hasText: "batch" }).waitFor();
    await key().focus();
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(outline).toBe("solid");
  });

  it("remembers the chosen theme", async () => {
    await page.locator("#theme").click();
    await page.locator("#theme").click();
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(14, 20, 26)");
    await page.reload();
    expect(await textOf("#theme")).toBe("Theme: dark");
  });

  it("names every control and every section", async () => {
    const nameless =
      await page.evaluate(`[...document.querySelectorAll("button, input, select, section, svg[role=img]")]
      .filter((node) => {
        const labelled = node.getAttribute("aria-labelledby");
        const label = node.getAttribute("aria-label") ?? (labelled && document.getElementById(labelled)?.textContent);
        return !label && !node.labels?.[0]?.textContent && !(node.tagName === "BUTTON" && node.textContent);
      })
      .map((node) => node.outerHTML.slice(0, 80))`);
    expect(nameless).toEqual([]);
  });

  it.each(["light", "dark"] as const)("has texts of enough contrast in %s colours", async (scheme) => {
    await page.context().close();
    page = await open({ width: 1280, height: 900 }, scheme);
    expect(await page.evaluate(contrastCheck)).toEqual([]);
  });

  it.each([1280, 820, 390])("fits a width of %i without scrolling sideways", async (width) => {
    await page.context().close();
    page = await open({ width, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    const picture = await page.locator(".flow-picture").boundingBox();
    expect(picture?.width).toBeLessThanOrEqual(width);
    // Figures must stay readable: no text of the picture may be drawn smaller than 9 pixels.
    const smallest = await page.evaluate(`(() => {
      const svg = document.querySelector(".flow-picture");
      const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      return Math.min(...[...svg.querySelectorAll("text")].map((text) => Number.parseFloat(getComputedStyle(text).fontSize) * scale));
    })()`);
    expect(smallest).toBeGreaterThanOrEqual(9);
  });

  it.each([
    ["", "2026-11-21T10:00:00.000Z"],
    ["now", "2026-11-21T10:42:00.000Z"],
    ["30 minutes ago", "2026-11-21T10:12:00.000Z"],
    ["2h", "2026-11-21T08:42:00.000Z"],
    ["10:05", "2026-11-21T10:05:00.000Z"],
    ["10:05:30", "2026-11-21T10:05:30.000Z"],
    ["2026-11-20", "2026-11-20T00:00:00.000Z"],
    ["2026-11-20T08:00", "2026-11-20T08:00:00.000Z"],
    ["2026-11-20T08:00:00+02:00", "2026-11-20T06:00:00.000Z"],
    ["25:00", "mistake"],
    ["soon", "mistake"],
  ])("reads the moment %j", async (text, expected) => {
    const read = `import("/times.js").then(({ readMoment }) => {
      try {
        const at = readMoment(${JSON.stringify(text)}, Date.parse("2026-11-21T10:42:00Z"), Date.parse("2026-11-21T10:00:00Z"));
        return new Date(at).toISOString();
      } catch {
        return "mistake";
      }
    })`;
    expect(await page.evaluate(read)).toBe(expected);
  });

  it("says that it has lost the platform, and comes back by itself", async () => {
    await platform.close();
    await page.locator("#link", { hasText: "reconnecting" }).waitFor();
    platform = await openPagePlatform();
  });
});
