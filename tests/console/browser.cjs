// What the stories share: the browser, what it complains of, pictures, and accessibility.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { execFileSync } = require("node:child_process");

const [, , packages, input] = process.argv;
const { chromium } = require(path.join(packages, "node_modules/playwright-core"));
const axe = fs.readFileSync(path.join(packages, "node_modules/axe-core/axe.min.js"), "utf8");

// As root there is no sandbox; without the rest it asks the world for things.
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const STEP_MS = 15_000;

const told = JSON.parse(input);
const complaints = [];

exports.told = told;
exports.base = told.base;

exports.check = (holds, what) => {
  if (!holds) throw new Error(what);
};

/** The code that an authenticator app shows, by a clock that is so many seconds fast. */
exports.code = (seed, fast = 0) => {
  const now = new Date(Date.now() + fast * 1000).toISOString().replace("T", " ").replace(/\..*/, " UTC");
  return execFileSync("oathtool", ["--totp", "--base32", "--now", now, seed]).toString().trim();
};

/** The secret in the QR code of a picture. */
exports.scanned = (picture) => {
  const text = execFileSync("zbarimg", ["--quiet", "--raw", picture]).toString().trim();
  const uri = new URL(text);
  exports.check(uri.protocol === "otpauth:", `the QR code says ${text}`);
  return uri.searchParams.get("secret");
};

/** A browser of somebody's own. What it complains of, and every request to elsewhere, fails the story. */
exports.open = async (browser, options = {}) => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 }, timezoneId: "Europe/Prague", locale: "en-GB", ...options,
  });
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  page.on("console", (message) => {
    const text = message.text();
    // The browser says of every answer like 403 that it is one.
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) complaints.push(text);
    if (/Content Security Policy/i.test(text)) complaints.push(text);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(exports.base) && !url.startsWith("data:")) complaints.push(`asked ${url}`);
  });
  return page;
};

/** A picture of the page, kept. */
exports.shot = async (page, name) => {
  const file = path.join(told.pictures, `${name}.png`);
  // What a dialog lies over is the screen, not the whole page.
  const fullPage = (await page.locator("dialog:modal").count()) === 0;
  await page.screenshot({ path: file, fullPage });
  return file;
};

/** The page as it is now has no violation of any rule, in both lights; and a picture of it is kept. */
exports.judge = async (page, name) => {
  await page.waitForLoadState();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const violation of found.violations) {
      const nodes = violation.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ");
      complaints.push(`${name} (${colorScheme}): ${violation.id}: ${nodes}`);
    }
    await exports.shot(page, colorScheme === "dark" ? `${name}-dark` : name);
  }
  await page.emulateMedia({ colorScheme: "light" });
};

/** With the next code: the one of now was used to enroll. */
exports.logIn = async (page, person) => {
  await page.goto(`${exports.base}/console/log-in`);
  await page.fill("#user_name", person.user_name);
  await page.fill("#password", person.password);
  await page.click("main button[type=submit]");
  if (person.seed && page.url().includes("/second-factor")) {
    await page.fill("#code", exports.code(person.seed, 30));
    await page.click("main button[type=submit]");
  }
};

/** Runs a story to its end, and tells how it went. */
exports.run = async (story) => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS });
  let result = null;
  try {
    result = await story(browser);
  } finally {
    await browser.close();
  }
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  process.stdout.write(JSON.stringify(result ?? {}));
};

exports.complaints = complaints;
