"""Where the keeper's numbers are served: `PORT`, `HOST:PORT`, `[V6]:PORT`; a port alone is this host's own."""

import msgspec

_LOCAL = "127.0.0.1"


class Address(msgspec.Struct, frozen=True):
    """Port 0 is any that is free."""

    host: str
    port: int

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"a port is between 0 and 65535, not {self.port}")

    def url(self, port: int) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}/metrics"


def parse(text: str) -> Address:
    """Raises ValueError that says what is wrong."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdecimal():
        raise ValueError(f"{text!r} has no port; write for instance 127.0.0.1:9469")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare and bare == host:
        raise ValueError(f"{text!r}: an IPv6 address stands in brackets, as [::1]:9469")
    return Address(bare or _LOCAL, int(port))
