// An e-mail and nothing else: refused, and reported. And a super administrator, whom the desk may not touch.
"use strict";

const { check, judge, logIn, open, told, base } = require("../browser.cjs");

module.exports = async (browser) => {
  const { desk, dana, root } = told;
  const page = await open(browser);
  await logIn(page, desk);
  await page.goto(`${base}/console/administrators/${dana.id}`);
  await page.click("text=Reset MFA");
  await page.click("text=In-person request with photo ID");
  await page.selectOption("#reason", "locked_out");
  await page.fill("#requester_contact", "dana.reyes@freemail.example");
  await page.click("button:has-text('Continue')");
  await page.fill("#confirmation", "dana.reye");
  await page.click("button:has-text('Yes, reset MFA')");
  await page.waitForSelector("dialog:modal [role=alert]");
  check((await page.textContent("dialog [role=alert]")).includes("Type the user name"), "another name is refused");
  check(await page.evaluate(() => document.activeElement.id === "confirmation"), "and can be mended at once");
  await judge(page, "reset-confirm-wrong");
  await page.click("dialog button:has-text('Cancel')");
  check((await page.locator("dialog").count()) === 0, "Cancel closes the dialog");
  check((await page.inputValue("#requester_contact")).startsWith("dana.reyes@"), "and what was typed is behind it");
  await page.click("text=Email-only request");
  await page.click("button:has-text('Continue')");
  await page.fill("#confirmation", "dana.reyes");
  await page.click("button:has-text('Yes, reset MFA')");
  check((await page.textContent("[role=alert]")).includes("not acceptable"), "it is refused");
  check((await page.inputValue("#requester_contact")).startsWith("dana.reyes@"), "what was typed stays");
  await judge(page, "reset-refused");
  await page.click("main a.alarm");
  await judge(page, "suspicious");
  await page.check("#flag-unknown_email");
  await page.check("#flag-urgent_outside_business_hours");
  await page.fill("#description", "Wants it at once, from an address that nobody knows.");
  await page.click("button:has-text('Report it')");
  check((await page.textContent("main")).includes("Don't reset MFA."), "and what to do is told");
  await judge(page, "suspicious-reported");
  await page.click("main a:has-text('Back')");
  check((await page.textContent("main")).includes("MFA Enabled"), "nobody was reset");

  await page.goto(`${base}/console/administrators/${root.id}`);
  await page.click("text=Reset MFA");
  check((await page.textContent("main")).includes("Only a super administrator may do this"), "and why");
  check((await page.locator("#reason").count()) === 0, "there is nothing to fill in");
  await judge(page, "reset-super-administrator");
};
