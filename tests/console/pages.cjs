// Every page that links lead to, one of each kind: pages of one kind look alike.
"use strict";

const { check, base, told } = require("./browser.cjs");

const MOST_PAGES = 120;

const kind = (path) => path.replace(/[?#].*/, "").replace(/\/rules\/.+/, "/rules/ID").replace(/\/([a-z]+_[0-9a-z]{26}|\d+)(?=\/|$)/g, "/ID");

/** What a picture of a page is called. */
const nameOf = (path) => `page-${kind(path).replace(/^\/console/, "").replaceAll("/", "-").replace(/^-/, "") || "dashboard"}`;

/** Shows each of them to `look`, with its name; the kinds that there are. */
exports.each = async (page, look) => {
  const ahead = ["/console", "/console/nothing", "/console/second-factor", ...told.pages];
  const seen = new Set();
  while (ahead.length > 0) {
    const path = ahead.shift();
    if (seen.has(kind(path))) continue;
    seen.add(kind(path));
    check(seen.size < MOST_PAGES, `no end of pages: ${[...seen]}`);
    await page.goto(base + path);
    const links = await page.locator("main a[href^='/console'], nav a").evaluateAll((all) => all.map((it) => it.getAttribute("href")));
    ahead.push(...links.filter((link) => !/\/assets\/|\/(leaf|proof|export)$|\/export\?/.test(link)));
    await look(nameOf(path));
  }
  return [...seen];
};
