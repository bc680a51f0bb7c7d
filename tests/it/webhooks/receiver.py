"""A receiver of webhooks that checks every delivery with the official library of Standard Webhooks.

Speaks TLS when it is given a certificate and its key. Prints its port; what it answers is told by the path. GET /seen is what it has been sent, POST /keys the secrets
that it knows."""

import base64
import http.server
import json
import ssl
import sys
import time

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

KEYS = []
SEEN = []


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if self.path != "/seen":
            SEEN.append({"path": self.path, "method": "GET"})
        self.answer(200, json.dumps(SEEN).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/keys":
            KEYS[:] = json.loads(body)
            return self.answer(204)
        headers = {name.lower(): value for name, value in self.headers.items()}
        SEEN.append({
            "path": self.path, "at": time.time(), "headers": headers, "body": base64.b64encode(body).decode(),
            "verified": [key for key in KEYS if verifies(key, body, headers)],
        })
        before = sum(1 for seen in SEEN if seen["path"] == self.path) - 1
        getattr(self, "on_" + self.path.strip("/").split("/")[0].split("?")[0])(before)

    def on_ok(self, before):
        self.answer(204)

    def on_gone(self, before):
        self.answer(410)

    def on_moved(self, before):
        self.answer(302, headers={"location": "/ok/elsewhere"})

    def on_away(self, before):
        if before == 0:
            self.answer(302, headers={"location": self.path.split("to=", 1)[1]})
        else:
            self.answer(204)

    def on_huge(self, before):
        if before > 0:
            return self.answer(204)
        self.pour(500)

    def on_headers(self, before):
        if before > 0:
            return self.answer(204)
        self.send_response(200)
        self.flush_headers()
        try:
            for number in range(10 * 1024):
                self.wfile.write(b"x-%d: %s\r\n" % (number, b"x" * 1000))
        except OSError:
            pass
        self.close_connection = True

    def on_hang(self, before):
        time.sleep(120)

    def on_fail(self, before):
        self.answer(500, b"no\x00 and\nno")

    def on_busy(self, before):
        if before == 0:
            self.answer(429, headers={"retry-after": "8"})
        else:
            self.answer(204)

    def on_big(self, before):
        self.pour(200)

    def pour(self, status):
        self.send_response(status)
        self.send_header("content-length", str(10 * 1024 * 1024))
        self.end_headers()
        try:
            for _ in range(10 * 1024):
                self.wfile.write(b"x" * 1024)
        except OSError:
            SEEN.append({"path": self.path, "method": "cut"})
            self.close_connection = True

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def verifies(key, body, headers):
    try:
        Webhook(key).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[1])), Receiver)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
