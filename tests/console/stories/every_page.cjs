// Every page that links lead to, as somebody who may do everything sees it: judged, and kept as a picture.
"use strict";

const { check, judge, logIn, open, told, base } = require("../browser.cjs");

const MOST_PAGES = 120;

/** Pages of one kind look alike: one of each is judged. */
const kind = (path) => path.replace(/[?#].*/, "").replace(/\/rules\/.+/, "/rules/ID").replace(/\/([a-z]+_[0-9a-z]{26}|\d+)(?=\/|$)/g, "/ID");

module.exports = async (browser) => {
  const page = await open(browser);
  await logIn(page, told.root);
  const ahead = ["/console", "/console/nothing", "/console/second-factor", ...told.pages];
  const seen = new Set();
  while (ahead.length > 0) {
    const path = ahead.shift();
    if (seen.has(kind(path))) continue;
    seen.add(kind(path));
    check(seen.size < MOST_PAGES, `no end of pages: ${[...seen]}`);
    await page.goto(base + path);
    const name = kind(path).replace(/^\/console/, "").replaceAll("/", "-").replace(/^-/, "") || "dashboard";
    await judge(page, `page-${name}`);
    const links = await page.locator("main a[href^='/console'], nav a").evaluateAll((all) => all.map((it) => it.getAttribute("href")));
    ahead.push(...links.filter((link) => !/\/assets\/|\/(leaf|proof|export)$|\/export\?/.test(link)));
  }
  return { pages: [...seen] };
};
