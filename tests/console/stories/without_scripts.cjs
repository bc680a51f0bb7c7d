// No scripts at all, on a narrow screen, in the other language: from the log-in to a finished reset.
"use strict";

const { check, logIn, open, shot, told, base } = require("../browser.cjs");

module.exports = async (browser) => {
  const page = await open(browser, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await logIn(page, told.desk);
  await page.selectOption("#lang", "de");
  await page.selectOption("#zone", "Asia/Tokyo");
  await page.click("footer button");
  check((await page.textContent("h1")) === "Startseite", "in German");
  await shot(page, "narrow-dashboard-de");
  await page.fill("#find", "Reyes");
  await page.click(".find button");
  await shot(page, "narrow-administrators-de");
  await page.click("tbody >> text=Dana Reyes");
  await shot(page, "narrow-administrator-de");
  await page.click("text=MFA zurücksetzen");
  check((await page.textContent("#requested-zone")) === "Asia/Tokyo", "the time is asked for in the chosen zone");
  await page.check("#verification-in_person_photo_id");
  await page.selectOption("#reason", "device_failure");
  await page.fill("#requester_contact", "am Schalter");
  await shot(page, "narrow-reset-de");
  await page.click("button:has-text('Weiter')");
  check(await page.isVisible("dialog"), "the confirmation is a part of the page");
  check(!(await page.isVisible("#requester_contact")), "and stands instead of the form");
  await page.fill("#confirmation", "dana.reyes");
  await page.click("button[formaction]");
  check((await page.inputValue("#requester_contact")) === "am Schalter", "going back loses nothing");
  await page.click("button:has-text('Weiter')");
  await page.fill("#confirmation", "dana.reyes");
  await shot(page, "narrow-confirm-de");
  await page.click("button:has-text('Ja, MFA zurücksetzen')");
  check(/\/console\/resets\/\d+/.test(page.url()), `reset: ${page.url()}`);
  check((await page.locator("button[data-copy]:visible").count()) === 0, "no button that needs a script");
  await shot(page, "narrow-done-de");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth).catch(() => null);
  check(wide === null || wide <= 390, `nothing sticks out of a narrow screen: ${wide}`);
};
