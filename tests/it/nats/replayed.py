"""Reads a replay with nats-py, one JSON object a line: replayed.py URL SUBJECT. Begins with a line `ready`, and
ends when standard input does."""

import asyncio
import base64
import json
import sys
import time

import nats


async def main(url, subject):
    connection = await nats.connect(url)

    async def show(message):
        line = {
            "subject": message.subject,
            "headers": dict(message.headers or {}),
            "data": base64.b64encode(message.data).decode(),
            "at": time.monotonic(),
        }
        print(json.dumps(line), flush=True)

    await connection.subscribe(subject, cb=show)
    await connection.flush()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await connection.drain()


asyncio.run(main(*sys.argv[1:]))
