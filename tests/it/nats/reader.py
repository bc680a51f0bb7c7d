"""Reads the events with nats-py from a consumer that was made before, and writes each once: position, tab, body.

What was redelivered is dropped by its Nats-Msg-Id. Ends when the file `end` names the last position and it is
there. Prints how many there were, and which of them do not fit their JSON Schema.
"""

import asyncio
import json
import pathlib
import sys

import jsonschema_rs
import nats

# A client that waits longer than this for the next event has lost one.
PATIENCE_S = 120


async def on_error(_error):
    """Servers are killed on purpose."""


async def main(url, stream, consumer, end, received, schemas):
    end, known, validators = pathlib.Path(end), set(), {}
    for path in pathlib.Path(schemas).glob("*.json"):
        schema = json.loads(path.read_text())
        validators[f"mfa-ledger.{path.stem}"] = jsonschema_rs.validator_for(schema)
    connection = await nats.connect(
        url,
        inbox_prefix=f"_INBOX_{consumer}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
        error_cb=on_error,
    )
    context = connection.jetstream(timeout=5)
    subscription = await context.pull_subscribe_bind(durable=consumer, stream=stream)
    count, repeated, invalid, idle = 0, 0, [], 0.0
    with open(received, "wb") as out:
        while not (end.exists() and end.read_text() and count >= int(end.read_text())):
            try:
                messages = await subscription.fetch(256, timeout=1)
                idle = 0.0
            except (nats.errors.Error, asyncio.TimeoutError):
                await asyncio.sleep(0.1)
                idle += 1.1
                if idle > PATIENCE_S:
                    sys.exit(f"nothing came after {count} events")
                continue
            for message in messages:
                identity = message.headers["Nats-Msg-Id"]
                position = int(identity.rsplit("/", 1)[1])
                if message.metadata.sequence.stream != position:
                    sys.exit(f"{identity} has the sequence {message.metadata.sequence.stream}")
                if identity in known:
                    repeated += 1
                else:
                    if position != count + 1:
                        sys.exit(f"{identity} came after {count} events")
                    known.add(identity)
                    count += 1
                    out.write(b"%d\t%s\n" % (position, message.data))
                    event = json.loads(message.data)
                    if not validators[event["type"]].is_valid(event):
                        invalid.append(position)
                try:
                    await message.ack()
                except nats.errors.Error:
                    pass  # It comes again.
    await connection.close()
    print(json.dumps({"events": count, "repeated": repeated, "invalid": invalid}))


asyncio.run(main(*sys.argv[1:]))
