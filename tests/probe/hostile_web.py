"""A hostile web server: `hostile_web.py BEHAVIOUR` on port 80 of its network namespace. Says "ready" first."""

import contextlib
import socket
import sys
import threading
import time

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: \x1b[31mtext/plain\r\n\r\n"


def endless(peer: socket.socket) -> None:
    """As many bytes as it is asked for, for ever."""
    peer.sendall(_HEAD)
    while True:
        peer.sendall(b"x" * 65536)


def drip(peer: socket.socket) -> None:
    """A byte now and then, often enough that nobody calls it silent."""
    peer.sendall(_HEAD)
    while True:
        peer.sendall(b"x")
        time.sleep(0.5)


def head(peer: socket.socket) -> None:
    """A head that does not end."""
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X-Head: " + b"y" * 8000 + b"\r\n")


def redirects(peer: socket.socket) -> None:
    """It leads to itself."""
    peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    peer.close()


def serve(peer: socket.socket, behaviour: str) -> None:
    with contextlib.suppress(OSError):
        peer.recv(65536)
        {"endless": endless, "drip": drip, "head": head, "redirects": redirects}[behaviour](peer)


def main() -> None:
    with socket.create_server(("", 80)) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            peer, _ = server.accept()
            threading.Thread(target=serve, args=(peer, sys.argv[1]), daemon=True).start()


if __name__ == "__main__":
    main()
