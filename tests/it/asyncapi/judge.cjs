// Parses an AsyncAPI document, from a file or an address, with the parser of the AsyncAPI project, references
// and all. Prints what it found as JSON. Arguments: the folder with the parser's packages, then the document.
const { createRequire } = require("node:module");
const path = require("node:path");

async function main(packages, source) {
  const parser = createRequire(path.join(packages, "package.json"))("@asyncapi/parser");
  const from = /^https?:/.test(source) ? parser.fromURL : parser.fromFile;
  const { document, diagnostics } = await from(new parser.Parser(), source).parse();
  const told = diagnostics.map((it) => ({ severity: it.severity, code: it.code, message: it.message, path: it.path.join(".") }));
  const messages = (document?.allMessages().all() ?? []).map((message) => ({
    name: message.name(),
    required: message.payload()?.required() ?? [],
    details: message.payload()?.property("data")?.property("details")?.description() ?? null,
  }));
  const channels = (document?.allChannels().all() ?? []).map((channel) => channel.address());
  console.log(JSON.stringify({ version: document?.version() ?? null, told, messages, channels }));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
