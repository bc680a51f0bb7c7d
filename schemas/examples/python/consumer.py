#!/usr/bin/env python3
"""Reads every event of mfa-ledger from NATS, once and in order, and raises an alert when one person resets the
MFA of several others within minutes. See README.md beside it.

Each line that it writes is JSON and tells of one event. The file of lines is also all that it remembers: started
again, it goes on behind the last whole line. An event is acknowledged once its line is on the disk.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import sys
from datetime import datetime, timedelta

import nats
from nats.errors import Error as NatsError
from nats.js.errors import APIError

# The newest version that this program knows of the events that have more than one.
NEWEST = {"mfa.reset": 2, "reset.reported_suspicious": 2, "settings.changed": 2}
TYPE = re.compile(r"mfa-ledger\.(?P<action>.+)\.v(?P<version>\d+)")
REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")

RESETS, WITHIN = 3, timedelta(minutes=10)
BATCH = 100


class Pattern:
    """Somebody resets the MFA of RESETS or more different people WITHIN minutes, by the events' own time."""

    def __init__(self):
        self.recent = {}

    def see(self, event):
        if event["data"]["action"] != "mfa.reset":
            return None
        actor, at = event["data"]["actor"]["name"], datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
        recent = [it for it in self.recent.get(actor, []) if at - it[0] <= WITHIN]
        recent.append((at, event["data"]["details"]["administrator"]))
        self.recent[actor] = recent
        targets = sorted({target for _, target in recent})
        if len(targets) < RESETS:
            return None
        return {"rule": "many-resets-by-one-person", "actor": actor, "targets": targets}


def parked(event, identity, position):
    """Why the message is set aside, for a person or a newer program to look at; None for what can be handled."""
    if not identity.endswith(f"/{position}"):
        return f"its Nats-Msg-Id is {identity!r}"
    if not isinstance(event, dict) or any(not event.get(name) for name in REQUIRED):
        return "it is no CloudEvent"
    if str(event["specversion"]).split(".")[0] != "1":
        return f"CloudEvents {event['specversion']} is not known here"
    known = TYPE.fullmatch(str(event["type"]))
    if not known or not 1 <= int(known["version"]) <= NEWEST.get(known["action"], 1):
        return f"the type {event['type']} is not known here"
    return None


class Lines:
    """What was written, and where to go on."""

    def __init__(self, path):
        self.pattern, self.last = Pattern(), 0
        self.file = open(path, "a+b")
        self.file.seek(0)
        whole = 0
        for line in self.file:
            if not line.endswith(b"\n"):
                break  # Cut off by a crash: that event was not acknowledged, and comes again.
            whole += len(line)
            told = json.loads(line)
            self.last = told["position"]
            if not told["parked"]:
                self.pattern.see(told["event"])
        self.file.truncate(whole)

    def write(self, position, identity, body):
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        why = parked(event, identity, position)
        # Fields that are not known here are passed on, and otherwise not looked at.
        told = event if event is not None else body.decode("utf-8", "replace")
        alert = None if why else self.pattern.see(event)
        line = {"position": position, "parked": why, "alert": alert, "event": told}
        self.file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self.last = position

    def sync(self):
        self.file.flush()
        os.fsync(self.file.fileno())


async def consume(subscription, lines, begin, ending):
    # What came too early, after something that was lost on the way and comes again; the consumer's limit of
    # unacknowledged messages bounds it.
    early = {}
    while not ending.is_set():
        try:
            messages = await subscription.fetch(BATCH, timeout=1)
        except (NatsError, asyncio.TimeoutError):
            await asyncio.sleep(0.1)
            continue
        done = []
        for message in messages:
            position = message.metadata.sequence.stream
            if position <= lines.last:
                done.append(message)  # It came before.
            else:
                early[position] = message
        while message := early.pop(max(lines.last + 1, begin), None):
            identity = (message.headers or {}).get("Nats-Msg-Id", "")
            lines.write(message.metadata.sequence.stream, identity, message.data)
            done.append(message)
        lines.sync()
        for message in done:
            try:
                await message.ack()
            except NatsError:
                pass  # It comes again, and is dropped.
    for message in early.values():
        await message.nak()


async def info_of(subscription):
    """NATS may go away at any moment; what it answers with an error does not get better by asking again."""
    while True:
        try:
            return await subscription.consumer_info()
        except APIError as error:
            sys.exit(f"consumer: {error}")
        except (NatsError, asyncio.TimeoutError) as error:
            print(f"consumer: {error!r}", file=sys.stderr)
            await asyncio.sleep(0.5)


async def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nats", default="nats://127.0.0.1:4222", help="address of a NATS server")
    options.add_argument("--stream", default="MFA_EVENTS")
    options.add_argument("--consumer", required=True, help="as made by `mfa-ledger consumers add`")
    options.add_argument("--out", required=True, help="file to append the lines to")
    args = options.parse_args()

    async def complain(error):
        print(f"consumer: {error!r}", file=sys.stderr)

    access = {"user": os.environ.get("NATS_USER"), "password": os.environ.get("NATS_PASSWORD")}
    connection = await nats.connect(
        args.nats,
        inbox_prefix=f"_INBOX_{args.consumer}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        error_cb=complain,
        **{name: value for name, value in access.items() if value},
    )
    ending = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ending.set)
    context = connection.jetstream()
    subscription = await context.pull_subscribe_bind(durable=args.consumer, stream=args.stream)
    info = await info_of(subscription)
    if info.config.filter_subject or info.config.filter_subjects:
        sys.exit("consumer: this one has a filter; order can only be kept where every event comes")
    lines, begin = Lines(args.out), info.config.opt_start_seq or 1
    if max(lines.last, begin - 1) < info.ack_floor.stream_seq:
        sys.exit(f"consumer: {args.out} ends at {lines.last}, but {info.ack_floor.stream_seq} was acknowledged")
    await consume(subscription, lines, begin, ending)
    try:
        await connection.flush()
    except (NatsError, asyncio.TimeoutError):
        pass  # The last acknowledgements are lost: those events come again.
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
