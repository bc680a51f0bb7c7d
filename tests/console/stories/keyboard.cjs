// With the keyboard alone: from the log-in to a finished reset.
"use strict";

const { check, code, open, told, base } = require("../browser.cjs");

const MOST_TABS = 80;

module.exports = async (browser) => {
  const page = await open(browser);
  const press = (key) => page.keyboard.press(key);
  const type = (text) => page.keyboard.type(text);
  /** Tabs on until the element is focused; what is focused can be seen. */
  const to = async (selector) => {
    for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
      const there = await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
      if (there) {
        const seen = await page.evaluate(() => {
          const it = document.activeElement;
          const box = it.getBoundingClientRect();
          return getComputedStyle(it).outlineStyle !== "none" && box.width > 0 && box.height > 0;
        });
        check(seen, `the focus on ${selector} can be seen`);
        return;
      }
      await press("Tab");
    }
    throw new Error(`no key leads to ${selector}`);
  };
  const loaded = (pattern) => page.waitForURL(pattern);

  await page.goto(base);
  await to("#user_name");
  await type(told.desk.user_name);
  await to("#password");
  await type(told.desk.password);
  await press("Enter");
  await loaded(/second-factor/);
  await to("#code");
  await type(code(told.desk.seed, 30));
  await press("Enter");
  await loaded(/\/console$/);

  await press("Tab");
  check(await page.evaluate(() => document.activeElement.matches(".skip")), "first comes the way past the navigation");
  await press("Enter");
  check(await page.evaluate(() => document.activeElement.id === "main"), "and it leads there");

  await page.reload();
  await to("#find");
  await type("Reyes");
  await press("Enter");
  await loaded(/q=Reyes/);
  await to("tbody a");
  await press("Enter");
  await loaded(/administrators\/adm_/);
  await to("a.risky");
  await press("Enter");
  await loaded(/\/reset$/);
  await to("#verification-in_person_photo_id");
  await press("ArrowDown");
  check(await page.isChecked("#verification-video_call"), "arrows choose");
  await to("#reason");
  await type("New");
  await to("#requester_contact");
  await type("in the directory");
  await to("main form button.primary");
  await press("Enter");
  const focused = (selector) => page.evaluate((wanted) => document.activeElement.matches(wanted), selector);
  await page.waitForSelector("dialog:modal");
  check(await focused("#confirmation"), "the dialog takes the focus to what it asks");
  for (let tabs = 0; tabs < MOST_TABS / 4; tabs += 1) {
    await press("Tab");
    check(await focused("dialog *, body"), "and the page behind it is out of reach");
  }
  await press("Escape");
  // The browser tells the page that it is closed in a turn of its own.
  await page.waitForSelector("dialog", { state: "detached" });
  check(await focused("form[data-dialog] button.primary"), "and leads back to where it came from");
  await press("Enter");
  await page.waitForSelector("dialog:modal");
  await type("dana.reyes");
  await to("dialog button.risky");
  await press("Enter");
  await loaded(/\/console\/resets\/\d+/);
};
