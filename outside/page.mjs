// node page.mjs URL SCREENSHOT.png
// The page that the server shows, in headless Chromium (CHROMIUM, else /usr/bin/chromium): connects,
// sends, waits for the echo and for the live figures to move, in light, in dark and on a phone.
// Writes SCREENSHOT-light.png, SCREENSHOT-dark.png and SCREENSHOT-phone.png.

import { chromium } from "playwright-core";
import { assert, run } from "./checks.mjs";

const STEP_MILLIS = 15_000;

const VIEWS = [
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "phone", colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true },
];

// The figures that a server has from the first moment on.
const FIGURES = ["#model", "#loops", "#connections", "#messages", "#cpu"];

async function visit(browser, url, view, screenshot) {
  const { name, ...options } = view;
  // Over TLS the server is tried with a certificate that it signed itself.
  const ignoreHTTPSErrors = url.startsWith("https:");
  const context = await browser.newContext({ ...options, ignoreHTTPSErrors });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MILLIS);
  const complaints = [];
  const origin = new URL(url).origin;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.origin !== origin && asked.protocol !== "data:") {
      complaints.push(`fetches ${asked.href}`);
    }
  });

  await page.goto(url);
  await page.locator("#connect").click();
  await page.locator("#send:enabled").waitFor();
  const messagesBefore = await number(page, "#messages");
  const text = `hello from ${name} 🌍`;
  await page.locator("#message").fill(text);
  await page.locator("#send").click();
  await page.locator("#log .sent", { hasText: text }).waitFor();
  await page.locator("#log .received", { hasText: text }).waitFor();

  await moves(page, "#messages", messagesBefore);
  for (const figure of FIGURES) {
    assert((await textOf(page, figure)) !== "", `${name}: ${figure} is empty`);
  }
  assert((await number(page, "#connections")) >= 1, `${name}: #connections does not count us`);
  await page.locator("#calls tr").first().waitFor();
  await costsOf(page, name);
  await staysInside(page, name);
  await page.screenshot({ path: screenshot, fullPage: true });
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const figures = {};
  for (const figure of [...FIGURES, "#calls-per-message"]) {
    figures[figure.slice(1)] = await textOf(page, figure);
  }

  await page.locator("#disconnect").click();
  await page.locator("#connect:enabled").waitFor();
  assert(complaints.length === 0, `${name}: ${complaints.join("; ")}`);
  await context.close();
  return { name, background, figures, screenshot };
}

// A message costs what it costs: it is there after the first echo, right on models of which it is known, and
// stays while nobody sends anything.
const CALLS = { blocking: 2, select: 3, poll: 3, epoll: 3 };

async function costsOf(page, name) {
  const model = await textOf(page, "#model");
  if (model === "nio") return;
  await moves(page, "#calls-per-message", 0);
  const first = await textOf(page, "#calls-per-message");
  if (model in CALLS) assert(first === `${CALLS[model]}`, `${name}: ${first} calls a message under ${model}`);
  const uptime = await textOf(page, "#uptime");
  await page.waitForFunction((before) => document.querySelector("#uptime").innerText !== before, uptime);
  const later = await textOf(page, "#calls-per-message");
  assert(later === first, `${name}: ${first} calls a message became ${later} by itself`);
}

async function textOf(page, selector) {
  return (await page.locator(selector).innerText()).trim();
}

async function number(page, selector) {
  return Number.parseFloat((await textOf(page, selector)).replaceAll(/[^\d.]/g, "")) || 0;
}

async function moves(page, selector, before) {
  const isAbove = ([id, floor]) =>
    (Number.parseFloat(document.querySelector(id).innerText.replaceAll(/[^\d.]/g, "")) || 0) > floor;
  await page.waitForFunction(isAbove, [selector, before]);
}

async function staysInside(page, name) {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert(content <= window, `${name}: ${content} px of content in ${window} px`);
}

await run("node page.mjs http://HOST:PORT/ SCREENSHOT.png", 2, async (url, screenshot) => {
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
      const file = screenshot.replace(/(\.png)?$/, `-${view.name}.png`);
      views.push(await visit(browser, url, view, file));
    }
    const [light, dark] = views;
    assert(light.background !== dark.background, `dark is ${dark.background}, as light`);
    return { views };
  } finally {
    await browser.close();
  }
});
