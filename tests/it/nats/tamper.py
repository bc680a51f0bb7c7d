"""What whoever runs NATS can do to a stream, with nats-py: tamper.py URL STREAM WHAT [SEQUENCE...]. The stream is
deleted, made again with the same settings, and filled again with ids, subjects and headers as they were.

alter N     the event of message N is another one, as long as it was
cut         the last message is left out
swap A B    the events and subjects of two messages change places
mark N      message N has a header that says that it is a replay
empty       nothing is put back
"""

import asyncio
import json
import re
import sys

import nats


async def ask(connection, subject, body=b""):
    answer = json.loads((await connection.request(f"$JS.API.{subject}", body, timeout=10)).data)
    if "error" in answer:
        sys.exit(f"{subject}: {answer['error']}")
    return answer


async def main(url, stream, what, *sequences):
    connection = await nats.connect(url)
    context = connection.jetstream(timeout=10)
    info = await ask(connection, f"STREAM.INFO.{stream}")
    messages = []
    for sequence in range(1, info["state"]["last_seq"] + 1):
        message = await context.get_msg(stream, sequence)
        messages.append([message.subject, message.data, dict(message.headers)])
    at = [int(sequence) - 1 for sequence in sequences]
    if what == "alter":
        was = messages[at[0]][1]
        messages[at[0]][1] = re.sub(
            rb'("record_sha256":")(.)', lambda it: it[1] + (b"1" if it[2] == b"0" else b"0"), was
        )
        assert messages[at[0]][1] != was and len(messages[at[0]][1]) == len(was)
    elif what == "cut":
        messages.pop()
    elif what == "swap":
        first, second = messages[at[0]], messages[at[1]]
        first[:2], second[:2] = second[:2], first[:2]
    elif what == "mark":
        messages[at[0]][2]["Mfa-Ledger-Replay"] = "true"
    elif what == "empty":
        messages.clear()
    else:
        sys.exit(f"{what}?")
    await ask(connection, f"STREAM.DELETE.{stream}")
    await ask(connection, f"STREAM.CREATE.{stream}", json.dumps(info["config"]).encode())
    for number, (subject, data, headers) in enumerate(messages, 1):
        acknowledged = await context.publish(subject, data, headers=headers)
        assert acknowledged.seq == number, acknowledged
    await connection.close()
    print(len(messages))


asyncio.run(main(*sys.argv[1:]))
