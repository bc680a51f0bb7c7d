// The auditor's pages: entries come in by themselves, the slider goes back in time by keyboard, a role is saved in
// the matrix; and those states that no link leads to are judged.
"use strict";

const { check, judge, logIn, open, told, base } = require("../browser.cjs");

/** Widest narrow screen, in CSS pixels. */
const NARROW = 390;

module.exports = async (browser) => {
  const page = await open(browser);
  await logIn(page, told.root);

  // A new entry appears while nobody does anything on the page.
  await page.goto(`${base}/console/activity?q=action:session.failed`);
  check((await page.locator("tbody tr").count()) === 0, "nobody has failed to log in yet");
  const live = page.locator("[data-live]");
  await live.click();
  check((await live.getAttribute("aria-pressed")) === "true", "it is live");
  const stranger = await open(browser);
  await stranger.goto(`${base}/console/log-in`);
  await stranger.fill("#user_name", told.desk.user_name);
  await stranger.fill("#password", "not the password of anybody");
  await stranger.click("main button[type=submit]");
  await page.waitForSelector("tbody tr");
  check((await page.locator("tbody tr").count()) === 1, "one entry came in");
  await live.click();
  check((await live.getAttribute("aria-pressed")) === "false", "and no more");
  await judge(page, "watch-live");
  await page.goto(`${base}/console/activity?q=akteur:x+outcome:good`);
  check((await page.locator(".notice.bad p").count()) >= 2, "what is not understood is told");
  await judge(page, "watch-not-understood");

  // Back in time, with the keyboard alone.
  await page.goto(`${base}/console/administrators/${told.desk.id}`);
  await page.focus(".machine summary");
  await page.keyboard.press("Enter");
  await page.focus("#ago");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.waitForURL(/ago=-/);
  check(/had not begun/.test(await page.textContent("main")), "an hour ago there was no log, and now is not shown instead");
  const moment = new Date(Date.now() - 1000).toISOString();
  for (const path of ["administrators", `administrators/${told.desk.id}`]) {
    await page.goto(`${base}/console/${path}?as_of=${moment}`);
    check((await page.locator(".past").count()) === 1, "it says that it is the past");
    check((await page.locator("main .risky, main .alarm").count()) === 0, "nothing can be done there");
    await judge(page, `watch-as-of-${path.split("/").length}`);
  }
  await page.goto(`${base}/console/past?from=${moment}`);
  await judge(page, "watch-compared");
  await page.goto(`${base}/console/rules/reset-after-hours?since=30d&run=1`);
  await judge(page, "watch-back-test");

  // What takes its time says so meanwhile.
  await page.route(/\/console\/past\?/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.continue();
  });
  await page.goto(`${base}/console/past`);
  const busy = await page.evaluate(() => new Promise((told) => {
    document.addEventListener("submit", (event) => setTimeout(() => told(event.target.getAttribute("aria-busy")), 50));
    document.querySelector("main button.primary").click();
  }));
  check(busy === "true", "a form that is on its way is busy");
  await page.waitForURL(/from=/);
  await page.unroute(/\/console\/past\?/);

  // All of the log is verified anew, and the page tells when that is done, by itself.
  await page.goto(`${base}/console/integrity`);
  await page.click("#verified button");
  await page.waitForSelector("#verified:not([data-renew]) >> text=On demand");
  await judge(page, "watch-verified");

  // A role, in the matrix.
  await page.goto(`${base}/console/settings/roles`);
  await page.check("input[form='role-auditor'][value='manage-alerts']");
  await page.click("#role-auditor button");
  check(page.url().includes("done=role_defined"), `saved: ${page.url()}`);
  check(await page.isChecked("input[form='role-auditor'][value='manage-alerts']"), "and it stays");

  // Nothing sticks out of a narrow screen.
  await page.setViewportSize({ width: NARROW, height: 844 });
  const paths = ["activity", "activity/1", "resets", "alerts", "silences", "rules", "past", "settings", "settings/roles", "integrity"];
  for (const path of paths) {
    await page.goto(`${base}/console/${path}`);
    await judge(page, `narrow-${path.replace("/", "-")}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= NARROW, `${path} is ${wide} wide`);
  }
};
