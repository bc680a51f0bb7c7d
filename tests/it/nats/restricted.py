"""Reads with a consumer that was made before, then tries what its user must not be able to do."""

import asyncio
import json
import sys

import nats


async def main(url, stream, consumer):
    violations = []

    async def on_error(error):
        violations.append(str(error).lower())

    connection = await nats.connect(
        url,
        user="audit",
        password="x",
        inbox_prefix=f"_INBOX_{consumer}".encode(),
        error_cb=on_error,
        allow_reconnect=False,
    )
    context = connection.jetstream(timeout=2)
    subscription = await context.pull_subscribe_bind(durable=consumer, stream=stream)
    seen = {"read": 0}
    while True:
        try:
            messages = await subscription.fetch(50, timeout=1)
        # The client has two errors for this; its own is one of these.
        except asyncio.TimeoutError:
            break
        for message in messages:
            await message.ack()
        seen["read"] += len(messages)
    info = await subscription.consumer_info()
    seen["left"] = info.num_pending + info.num_ack_pending

    async def attempt(name, subject, payload=b"{}"):
        before = len(violations)
        try:
            await connection.request(subject, payload, timeout=1)
            seen[name] = "answered"
            return
        except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
            pass
        refused = any("permissions violation" in it for it in violations[before:])
        seen[name] = "refused" if refused else "not answered"

    create = {"stream_name": stream, "config": {"durable_name": "mine", "ack_policy": "explicit"}}
    await attempt("create", f"$JS.API.CONSUMER.CREATE.{stream}.mine", json.dumps(create).encode())
    await attempt("delete", f"$JS.API.STREAM.DELETE.{stream}")
    await attempt("purge", f"$JS.API.STREAM.PURGE.{stream}")
    await attempt("publish", "mfa.v1.alert.x.raised")
    before = len(violations)
    await connection.subscribe("mfa.v1.>")
    await connection.flush()
    await asyncio.sleep(0.2)
    refused = any("permissions violation" in it for it in violations[before:])
    seen["read_others"] = "refused" if refused else "allowed"
    await connection.close()
    print(json.dumps(seen))


asyncio.run(main(*sys.argv[1:]))
