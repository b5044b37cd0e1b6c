"""An HTTP server that does what it should not; each path is one way. `hostile_http ADDRESS PORT`."""

import gzip
import socket
import sys
import threading
import time

OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nLocation: "
BOMB = gzip.compress(bytes(1 << 25))

# What is said once; then the connection is closed.
SAID = {
    "/ok": OK + b"Content-Length: 2\r\n\r\nok",
    "/short": OK + b"Content-Length: 1000\r\n\r\nshort",
    "/garbage": bytes(range(256)) * 16,
    "/loop": FOUND + b"/loop\r\nContent-Length: 0\r\n\r\n",
    "/to-file": FOUND + b"file:///etc/shadow\r\nContent-Length: 0\r\n\r\n",
    "/endless-redirect": FOUND + b"/ok\r\n\r\n" + bytes(1 << 20),
    "/bomb": OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
}
# What is said first, then without end, and how often a second.
FOR_EVER = {
    "/endless": (OK + b"\r\n", bytes(65536), 0.0),
    "/drip": (OK + b"Content-Length: 100000\r\n\r\n", b"x", 0.1),
    "/drip-headers": (OK, b"X-More: and more\r\n", 0.1),
    "/silent": (b"", b"", 1.0),
}
asked_before: list[str] = []


def answer(client: socket.socket) -> None:
    method, path = client.recv(65536).decode(errors="replace").split(" ")[:2]
    asked_before.append(method)
    if path in SAID:
        client.sendall(SAID[path])
    elif path in FOR_EVER:
        first, more, pause = FOR_EVER[path]
        client.sendall(first)
        while True:
            client.sendall(more)
            time.sleep(pause)
    else:
        methods = " ".join(asked_before[-2:]).encode()
        body = b"" if method == "HEAD" else methods
        client.sendall(OK + b"Content-Length: 8\r\nConnection: close\r\n\r\n" + body)


def serve(client: socket.socket) -> None:
    with client:
        try:
            answer(client)
        except OSError:
            return


listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
sys.stdout.write("serving\n")
sys.stdout.flush()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
