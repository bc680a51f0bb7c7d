// Every page that links lead to, as somebody who may do everything sees it: judged, and kept as a picture, also on paper,
// on a narrow screen, and in the other language.
"use strict";

const { check, judge, logIn, open, shot, told, base } = require("../browser.cjs");

const MOST_PAGES = 120;

/** In CSS pixels: a desk, a sheet of A4, a telephone. */
const DESK = { width: 1280, height: 860 };
const SHEET = { width: 680, height: 1000 };
const TELEPHONE = { width: 390, height: 844 };

/** Pages of one kind look alike: one of each is judged. */
const kind = (path) => path.replace(/[?#].*/, "").replace(/\/rules\/.+/, "/rules/ID").replace(/\/([a-z]+_[0-9a-z]{26}|\d+)(?=\/|$)/g, "/ID");

const nameOf = (path) => kind(path).replace(/^\/console/, "").replaceAll("/", "-").replace(/^-/, "") || "dashboard";

const widthOf = (page) => page.evaluate(() => document.documentElement.scrollWidth);

/** The page as it is, on paper and on a telephone: nothing sticks out, and paper shows nothing to click. */
const elsewhere = async (page, name) => {
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize(SHEET);
  await shot(page, `${name}-print`);
  check((await page.locator("nav:visible, button:visible, .button:visible, footer:visible").count()) === 0, `${name}: buttons on paper`);
  check(await page.isVisible(".printed"), `${name}: paper says when it was printed`);
  check((await widthOf(page)) <= SHEET.width, `${name} does not fit on paper`);
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize(TELEPHONE);
  await shot(page, `${name}-narrow`);
  check((await widthOf(page)) <= TELEPHONE.width, `${name} sticks out of a narrow screen`);
  await page.setViewportSize(DESK);
};

module.exports = async (browser) => {
  const page = await open(browser, { viewport: DESK });
  await logIn(page, told.root);
  const ahead = ["/console", "/console/nothing", "/console/second-factor", ...told.pages];
  const seen = new Map();
  while (ahead.length > 0) {
    const path = ahead.shift();
    if (seen.has(kind(path))) continue;
    seen.set(kind(path), path);
    check(seen.size < MOST_PAGES, `no end of pages: ${[...seen.keys()]}`);
    await page.goto(base + path);
    await judge(page, `page-${nameOf(path)}`);
    const links = await page.locator("main a[href^='/console'], nav a").evaluateAll((all) => all.map((it) => it.getAttribute("href")));
    ahead.push(...links.filter((link) => !/\/assets\/|\/(leaf|proof|export)$|\/export\?/.test(link)));
    await elsewhere(page, `page-${nameOf(path)}`);
  }
  await page.goto(`${base}/console`);
  await page.selectOption("#lang", "de");
  await page.click("footer button");
  check((await page.getAttribute("html", "lang")) === "de", "in German");
  for (const path of seen.values()) {
    await page.goto(base + path);
    await shot(page, `page-${nameOf(path)}-de`);
    check((await widthOf(page)) <= DESK.width, `${path} sticks out in German`);
  }
  return { pages: [...seen.keys()] };
};
