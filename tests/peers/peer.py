"""What the Python peers share: the keys, a place for callbacks to land, the sandbox's control API,
and how a check is told. A script is called with a mode and the folder of the sandbox's keys. It
prints `ok WHAT` for each check that held and `done` at its end; the first that does not hold ends it
with an error."""

import json
import queue
import sys
import threading
import traceback
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATIENCE_S = 10


def read(folder, name):
    return json.loads((Path(folder) / name).read_text(encoding="utf-8"))


def say(line):
    print(line, flush=True)


def holds(what, condition, *seen):
    """Tells that something holds, or ends the script."""
    if not condition:
        told = f"; seen: {' '.join(map(repr, seen))}" if seen else ""
        raise AssertionError(f"does not hold: {what}{told}")
    say(f"ok {what}")


def refused(call, kind, telling=""):
    """Whether a call fails with an error of this kind and these words."""
    try:
        call()
    except kind as error:
        if telling in str(error):
            return True
        raise
    return False


def serve(answer):
    """Serves on loopback; returns the URL. `answer(method, target, headers, body)` gives status,
    headers and body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, headers, content = answer(self.command, self.path, self.headers, body)
            except Exception:
                traceback.print_exc()
                status, headers, content = 500, {}, b"see the log"
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            # A 204 has no body, and says no length of it.
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if status != 204:
                self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


class Delivery:
    def __init__(self, headers, body, accepted):
        self.headers, self.body, self.accepted = headers, body, accepted


class Landing:
    """A merchant's address for callbacks: every delivery is judged by `accepts`, answered as the
    channel wants to hear it, and kept with the verdict."""

    def __init__(self, accepts, status, content):
        self._kept = queue.Queue()

        def answer(_method, _target, headers, body):
            # As a web framework hands them over: a plain dict, whatever the case on the wire.
            headers = {name.lower(): value for name, value in headers.items()}
            accepted = accepts(headers, body)
            self._kept.put(Delivery(headers, body, accepted))
            return (status, {}, content) if accepted else (400, {}, b"FAIL")

        self.url = serve(answer) + "/notify"

    def next(self):
        """The next delivery that was not taken yet."""
        return self._kept.get(timeout=PATIENCE_S)


def control(base, name, **body):
    """The sandbox's control API: `POST /control/NAME`."""
    request = urllib.request.Request(
        f"{base}/control/{name}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def converse(**commands):
    """One line of JSON in, one out, until the input ends."""
    for line in sys.stdin:
        arguments = json.loads(line)
        say(json.dumps(commands[arguments.pop("do")](**arguments)))


def altered(text):
    """Another text of the same length."""
    at = len(text) // 2
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


def main(**modes):
    """Calls the mode named on the command line."""
    mode, folder = sys.argv[1:3]
    try:
        modes[mode](folder)
    except Exception as error:
        traceback.print_exc()
        print(f"failed: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
