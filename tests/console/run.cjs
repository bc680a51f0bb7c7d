// run.cjs PACKAGES TOLD STORY: runs one story against a console that is there.
"use strict";

const { run } = require("./browser.cjs");
const story = require(`./stories/${process.argv[4]}.cjs`);

run(story).catch((error) => {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exit(1);
});
