// A role that requires MFA: nothing else is reachable until it is enabled. Then the profile's own forms.
"use strict";

const { check, code, judge, logIn, open, scanned, shot, told, base } = require("../browser.cjs");

module.exports = async (browser) => {
  const page = await open(browser);
  await logIn(page, told.sven);
  check(page.url() === `${base}/console/me`, `to the profile: ${page.url()}`);
  check((await page.textContent("[role=alert]")).includes("cannot go anywhere else"), "with a warning");
  check((await page.locator("nav").count()) === 0, "and no way on");
  await judge(page, "profile-forced");
  for (const path of ["/console", "/console/administrators", "/console/reset-requests", "/console/me/password"]) {
    await page.goto(base + path);
    check(page.url() === `${base}/console/me`, `${path} leads back`);
  }
  await page.click("button:has-text('Enable MFA')");
  const seed = scanned(await shot(page, "enrollment-forced"));
  await page.fill("#code", code(seed));
  await page.click("main button.primary");
  await page.check("#saved");
  await page.click("button:has-text('Go on')");
  await page.click("nav >> text=View administrators");
  check((await page.locator("tbody tr").count()) > 3, "now everything is open");
  await page.goto(`${base}/console/me`);
  check((await page.locator("text=Switch MFA off").count()) === 0, "it cannot be switched off");

  await page.click("text=New backup codes");
  await judge(page, "backup-codes-ask");
  await page.fill("#code", code(seed, 30));
  await page.click("main button.primary");
  await page.waitForSelector("#codes");
  await page.goto(`${base}/console/me/password`);
  await judge(page, "password");
  await page.fill("#current", told.sven.password);
  await page.fill("#new", "correct horse battery staple");
  await page.fill("#again", "correct horse battery stable");
  await page.click("main button.primary");
  check((await page.textContent("[role=alert]")).includes("not the same"), "two that differ are told");
  await page.fill("#current", told.sven.password);
  await page.fill("#new", "correct horse battery staple");
  await page.fill("#again", "correct horse battery staple");
  await page.click("main button.primary");
  check((await page.textContent("main")).includes("The password is changed"), "changed");
};
