// "Reset the MFA of Dana Reyes, who lost her phone": from the dashboard, counted.
"use strict";

const { check, judge, logIn, open, shot, told, base } = require("../browser.cjs");

const MOST_CLICKS = 6;

module.exports = async (browser) => {
  const { desk, dana } = told;
  const page = await open(browser);
  await logIn(page, desk);
  await judge(page, "dashboard");
  let clicks = 0;
  const click = async (what) => {
    clicks += 1;
    await page.click(what);
  };
  await page.focus("#find");
  await page.keyboard.type("Dana Reyes");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=/);
  await judge(page, "administrators-found");
  await click("tbody >> text=Dana Reyes");
  await judge(page, "administrator");
  const boxes = await Promise.all([".risky", ".alarm"].map((button) => page.locator(`main ${button}`).boundingBox()));
  check(boxes[0].y === boxes[1].y && boxes[0].height === boxes[1].height, "a report is as easy to reach as the reset");
  await click("text=Reset MFA");
  await judge(page, "reset");
  await click("text=Video call where you can see the person");
  clicks += 1;
  await page.selectOption("#reason", "lost_or_stolen_device");
  await page.fill("#requester_contact", "+1 555 0100, from the directory");
  await page.fill("#ticket", "HD-4711");
  await click("button:has-text('Continue')");
  await page.waitForSelector("dialog:modal");
  check(page.url().endsWith("/reset"), "the dialog is over the form");
  await judge(page, "reset-confirm");
  check((await page.textContent("dialog")).includes("Reset MFA for Dana Reyes (dana.reyes)?"), "the name is repeated");
  await page.keyboard.type("dana.reyes");
  await page.dblclick("button:has-text('Yes, reset MFA')");
  clicks += 1;
  await page.waitForURL(/\/console\/resets\/\d+/);
  check(clicks <= MOST_CLICKS, `${clicks} clicks`);
  await judge(page, "reset-done");
  const message = await page.inputValue("#message");
  for (const said of ["Your MFA Has Been Reset", "Enable MFA", "Reset performed by: hanna.desk", "Ticket #: HD-4711"]) {
    check(message.includes(said), `the message says ${said}: ${message}`);
  }
  await page.selectOption("#notified", "phone");
  await page.fill("#note", "Told her on the number in the directory");
  await page.click("button:has-text('Record')");
  check((await page.textContent("main")).includes("Told, by word of a colleague"), "and what was told is on record as their word");
  await judge(page, "reset-followed-up");
  await page.click("main .overline a");
  check((await page.textContent("main")).includes("The password alone opens this account"), "the danger window is shown");
  await judge(page, "administrator-after-reset");

  const hers = await open(browser);
  await logIn(hers, { ...dana, seed: null });
  check(hers.url() === `${base}/console`, "she logs in with her password");
  check((await hers.textContent("main")).includes("Enable MFA"), "and is told to enable MFA");
  await shot(hers, "dashboard-of-staff");
  return { clicks };
};
