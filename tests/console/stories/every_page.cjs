// Every page that links lead to, as somebody who may do everything sees it: judged, and kept as a picture.
"use strict";

const { judge, logIn, open, told } = require("../browser.cjs");
const { each } = require("../pages.cjs");

module.exports = async (browser) => {
  const page = await open(browser);
  await logIn(page, told.root);
  return { pages: await each(page, (name) => judge(page, name)) };
};
