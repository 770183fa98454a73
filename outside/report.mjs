// node report.mjs REPORT.html SCREENSHOT.png [SECTION]
// A report of the lab, in headless Chromium (CHROMIUM, else /usr/bin/chromium), as a file without a
// server: every plot is drawn, hovering tells values, the button changes the theme, nothing is
// fetched and nothing complains; in light, in dark and on a phone.
// Writes SCREENSHOT-light.png, SCREENSHOT-dark.png and SCREENSHOT-phone.png, and of a section, as
// `descriptors`, SCREENSHOT.png.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { assert, run } from "./checks.mjs";

const STEP_MILLIS = 30_000;

const VIEWS = [
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  { name: "phone", colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true },
];

// One section alone, as it is shown in the README.
async function shoot(browser, url, section, screenshot) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, offline: true });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MILLIS);
  await page.goto(url);
  await page.waitForFunction(isEveryPlotDrawn);
  await page.locator(`#${section}`).screenshot({ path: screenshot });
  await context.close();
}

async function visit(browser, url, expected, view, screenshot) {
  const { name, ...options } = view;
  const context = await browser.newContext({ ...options, offline: true });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MILLIS);
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith("data:")) complaints.push(`fetches ${asked}`);
  });

  await page.goto(url);
  const entries = expected.experiments;
  const sections = await page.locator("#experiments > section").count();
  assert(sections === entries.length, `${name}: ${sections} experiments of ${entries.length}`);
  const badges = await page.locator("#verdicts .badge").count();
  assert(badges === entries.length, `${name}: ${badges} verdicts of ${entries.length}`);
  const plots = entries.flatMap((entry) => entry.finding.plots.filter((plot) => plot.series.length > 0));
  await page.waitForFunction((count) => document.querySelectorAll("canvas").length === count, plots.length);
  await page.waitForFunction(isEveryPlotDrawn);

  if (plots.length > 0 && name === "light") await hover(page);
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert(content <= window, `${name}: ${content} px of content in ${window} px`);
  await page.screenshot({ path: screenshot, fullPage: true });

  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await background();
  await page.locator("#theme").click();
  const after = await background();
  assert(before !== after, `${name}: the button changes nothing`);
  assert(complaints.length === 0, `${name}: ${complaints.join("; ")}`);
  await context.close();
  return { name, background: before, plots: plots.length, screenshot };
}

// Drawn: not every pixel is the same.
function isEveryPlotDrawn() {
  return [...document.querySelectorAll("canvas")].every((canvas) => {
    if (canvas.width === 0 || canvas.height === 0) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    return pixels.some((pixel) => pixel !== pixels[0]);
  });
}

async function hover(page) {
  const over = page.locator(".u-over").first();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const tip = page.locator(".tip:not([hidden])").first();
  await tip.waitFor();
  assert((await tip.innerText()).trim() !== "", "hovering tells nothing");
  await page.mouse.move(0, 0);
}

await run("node report.mjs REPORT.html SCREENSHOT.png [SECTION]", 2, async (file, screenshot, section) => {
  const path = resolve(file);
  const json = /<script id="report"[^>]*>(.*?)<\/script>/s.exec(readFileSync(path, "utf8"));
  assert(json, `${file} is no report`);
  const expected = JSON.parse(json[1]);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const views = [];
    for (const view of VIEWS) {
      const shot = screenshot.replace(/(\.png)?$/, `-${view.name}.png`);
      views.push(await visit(browser, pathToFileURL(path).href, expected, view, shot));
    }
    const [light, dark] = views;
    assert(light.background !== dark.background, `dark is ${dark.background}, as light`);
    if (section) await shoot(browser, pathToFileURL(path).href, section, screenshot);
    return { views };
  } finally {
    await browser.close();
  }
});
