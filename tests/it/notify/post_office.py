"""A mail host: aiosmtpd; `secured` with STARTTLS and AUTH, `implicit` with TLS from the first byte and AUTH, or `plain`.

Every message it takes is put into a maildir, and one line of JSON about it goes to `mails.jsonl`: what Python's
own `email` package makes of it. `behaviour.json` beside it says what is refused; it is read anew for each command.
It ends when its standard input does.
"""

import asyncio
import email
import email.policy
import json
import mailbox
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def defects(part):
    found = [repr(defect) for defect in part.defects]
    for _, value in part.items():
        found += [repr(defect) for defect in getattr(value, "defects", ())]
    for child in part.iter_parts() if part.is_multipart() else ():
        found += defects(child)
    return found


class PostOffice:
    def __init__(self, directory):
        self.directory = directory
        self.maildir = mailbox.Maildir(directory / "maildir")

    def behaviour(self):
        try:
            return json.loads((self.directory / "behaviour.json").read_text())
        except FileNotFoundError:
            return {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.behaviour().get("rcpt", {}).get(address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        behaviour = self.behaviour()
        if "data" in behaviour:
            return behaviour["data"]
        self.maildir.add(envelope.content)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = lambda kind: (message.get_body((kind,)) or message).get_content()
        about = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "header_names": [name.lower() for name in message.keys()],
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "header_to": [[it.display_name, it.addr_spec] for it in message["to"].addresses],
            "types": [part.get_content_type() for part in message.walk()],
            "text": body("plain"),
            "html": body("html"),
            "defects": defects(message),
            "tls": server.transport.get_extra_info("sslcontext") is not None,
            "login": session.auth_data,
        }
        with open(self.directory / "mails.jsonl", "a") as mails:
            mails.write(json.dumps(about) + "\n")
        if "after" in behaviour:
            await asyncio.sleep(behaviour["after"])
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    login, password = data.login.decode(), data.password.decode()
    good = (login, password) == ("ledger", "open sesame")
    return AuthResult(success=good, handled=False, auth_data=login if good else None)


async def serve(directory, port, mode):
    office = PostOffice(directory)
    options = {}
    context = None
    if mode != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(directory / "host.pem", directory / "host.key")
        options = {"auth_required": True, "authenticator": authenticate}
        if mode == "secured":
            options |= {"tls_context": context, "require_starttls": True}
            context = None
        else:
            options["auth_require_tls"] = False
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(office, hostname="localhost", loop=loop, **options)
    server = await loop.create_server(make, "127.0.0.1", port, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(serve(pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
