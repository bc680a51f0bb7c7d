// Somebody enrolls with a camera, logs in with a code, and once with a backup code.
"use strict";

const { check, code, judge, logIn, open, scanned, shot, told, base } = require("../browser.cjs");

module.exports = async (browser) => {
  const { dana } = told;
  const page = await open(browser);
  await page.goto(base);
  await judge(page, "log-in");
  await page.fill("#user_name", dana.user_name);
  await page.fill("#password", "not the password of Dana");
  await page.click("main button[type=submit]");
  check((await page.textContent("[role=alert]")).includes("log-in failed"), "a wrong password is told");
  await judge(page, "log-in-failed");
  await logIn(page, dana);
  check((await page.textContent("main")).includes("Your password alone opens your account"), "MFA is recommended");
  await page.click("nav >> text=My profile");
  await judge(page, "profile-not-enrolled");

  await page.click("button:has-text('Enable MFA')");
  await judge(page, "enrollment");
  const seed = scanned(await shot(page, "enrollment"));
  const typed = (await page.textContent("#manual-key")).replace(/[\s-]/g, "");
  check(typed === seed, "the key to be typed is the one of the picture");
  await page.fill("#code", "000000");
  await page.click("main button.primary");
  check((await page.textContent("[role=alert]")).includes("not accepted"), "a wrong code is told");
  check(scanned(await shot(page, "enrollment-wrong-code")) === seed, "and the picture stays");
  await page.fill("#code", code(seed));
  await page.click("main button.primary");
  await page.waitForSelector("#codes");
  await judge(page, "backup-codes");
  const codes = await page.locator("#codes li").allTextContents();
  check(codes.length === 10, "ten backup codes");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[download]")]);
  const file = require("node:fs").readFileSync(await download.path(), "utf8");
  check(codes.every((one) => file.includes(one)), "the file has all of them");
  await page.click("button:has-text('Go on')");
  check(page.url().includes("/console/me/"), "without having saved them one goes nowhere");
  await page.check("#saved");
  await page.click("button:has-text('Go on')");
  check((await page.textContent("main")).includes("MFA Enabled"), "the profile says so");
  await judge(page, "profile-enrolled");

  await page.click("text=Log out");
  check((await page.textContent("main")).includes("You are logged out"), "logged out");
  await page.goBack();
  await page.waitForLoadState();
  check(!(await page.textContent("body")).includes("MFA Enabled"), "going back shows nothing any more");

  await logIn(page, { ...dana, seed });
  check(page.url() === `${base}/console`, `with a code, in: ${page.url()}`);
  await page.click("text=Log out");
  await logIn(page, dana);
  await judge(page, "second-factor");
  await page.click("summary");
  await page.fill("#backup_code", codes[0]);
  await page.click("button:has-text('Verify with a backup code')");
  check(page.url() === `${base}/console`, `with a backup code, in: ${page.url()}`);
  return { seed };
};
