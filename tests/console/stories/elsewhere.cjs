// Every page on paper, on a telephone, and in the other language: nothing sticks out, and pictures of each are kept.
"use strict";

const { check, logIn, open, shot, told, base } = require("../browser.cjs");
const { each } = require("../pages.cjs");

/** In CSS pixels: a desk, a sheet of A4, a telephone. */
const DESK = { width: 1280, height: 860 };
const SHEET = { width: 680, height: 1000 };
const TELEPHONE = { width: 390, height: 844 };

module.exports = async (browser) => {
  const page = await open(browser, { viewport: DESK });
  await logIn(page, told.root);
  const fits = async (name, { width }) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${name} is ${wide} wide, there are ${width}`);
  };
  const pages = await each(page, async (name) => {
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize(SHEET);
    await shot(page, `${name}-print`);
    check((await page.locator("nav:visible, button:visible, .button:visible, footer:visible").count()) === 0, `${name}: buttons on paper`);
    check(await page.isVisible(".printed"), `${name}: paper says when it was printed`);
    await fits(`${name} on paper`, SHEET);
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(TELEPHONE);
    await shot(page, `${name}-narrow`);
    await fits(`${name} on a telephone`, TELEPHONE);
    await page.setViewportSize(DESK);
  });
  await page.goto(`${base}/console`);
  await page.selectOption("#lang", "de");
  await page.click("footer button");
  check((await page.getAttribute("html", "lang")) === "de", "in German");
  await each(page, async (name) => {
    await shot(page, `${name}-de`);
    await fits(`${name} in German`, DESK);
  });
  return { pages };
};
