// Reads every event of mfa-ledger from NATS, once and in order, and raises an alert when one person resets the MFA
// of several others within minutes. An event is acknowledged once its line is on the disk. See README.md.

import { parseArgs } from "node:util";

import { type Consumer, type ConsumerInfo, JetStreamApiError, jetstream, type JsMsg } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

import { Lines } from "./lines.js";

const BATCH = 100;

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function consume(consumer: Consumer, lines: Lines, begin: number, ending: AbortSignal): Promise<void> {
  // What came too early, after something that was lost on the way and comes again; the consumer's limit of
  // unacknowledged messages bounds it.
  const early = new Map<number, JsMsg>();
  while (!ending.aborted) {
    const done: JsMsg[] = [];
    try {
      for await (const message of await consumer.fetch({ max_messages: BATCH, expires: 1000 })) {
        if (message.seq <= lines.last) done.push(message); // It came before.
        else early.set(message.seq, message);
      }
    } catch (error) {
      console.error("consumer:", error);
      await pause(500);
    }
    for (;;) {
      const position = Math.max(lines.last + 1, begin);
      const message = early.get(position);
      if (message === undefined) break;
      early.delete(position);
      lines.write(position, message.headers?.get("Nats-Msg-Id") ?? "", message.string());
      done.push(message);
    }
    lines.sync();
    // An acknowledgement that is lost lets the event come again, and it is dropped.
    for (const message of done) message.ack();
  }
  for (const message of early.values()) message.nak();
}

/** NATS may go away at any moment; what it answers with an error does not get better by asking again. */
async function find(get: () => Promise<Consumer>): Promise<[Consumer, ConsumerInfo]> {
  for (;;) {
    try {
      const consumer = await get();
      return [consumer, await consumer.info()];
    } catch (error) {
      if (error instanceof JetStreamApiError) throw error;
      console.error("consumer:", error);
      await pause(500);
    }
  }
}

const { values } = parseArgs({
  options: {
    nats: { type: "string", default: "nats://127.0.0.1:4222" },
    stream: { type: "string", default: "MFA_EVENTS" },
    consumer: { type: "string" },
    out: { type: "string" },
  },
});
if (!values.consumer || !values.out) {
  console.error("usage: consumer --consumer NAME --out FILE [--nats URL] [--stream NAME]");
  process.exit(2);
}

const connection = await connect({
  servers: values.nats,
  inboxPrefix: `_INBOX_${values.consumer}`,
  waitOnFirstConnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 500,
  user: process.env["NATS_USER"],
  pass: process.env["NATS_PASSWORD"],
});
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
const { stream, consumer: name } = values;
const [consumer, { config, ack_floor }] = await find(() => jetstream(connection).consumers.get(stream, name));
if (config.filter_subject || config.filter_subjects?.length) {
  console.error("consumer: this one has a filter; order can only be kept where every event comes");
  process.exit(1);
}
const lines = new Lines(values.out);
const begin = config.opt_start_seq ?? 1;
if (Math.max(lines.last, begin - 1) < ack_floor.stream_seq) {
  console.error(`consumer: ${values.out} ends at ${lines.last}, but ${ack_floor.stream_seq} was acknowledged`);
  process.exit(1);
}
await consume(consumer, lines, begin, ending.signal);
lines.close();
await connection.drain();
