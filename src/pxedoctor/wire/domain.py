"""Domain names on the wire (RFC 1035 section 3.1), alone and as lists, with and without compression (section 4.1.4).

A name is text as in a zone file: labels with dots between, no dot at the end, and `\\.`, `\\\\` or `\\DDD` for bytes
that would be read otherwise (section 5.1). The root alone is the empty text.
"""

import re

from pxedoctor.wire.error import WireError

_POINTER = 0xC0
_LONGEST_LABEL = 63
_LONGEST_NAME = 255
# A dot is escaped too: it would part labels.
_PLAIN = re.compile(rb"[!-\[\]-~]")
_PIECE = re.compile(r"\\([0-9]{3})|\\(.)|(\.)|(.)", re.DOTALL)


def parse_names(content: bytes) -> tuple[str, ...]:
    """All names in `content`, in which compression pointers are offsets (RFC 3397 section 2).

    Raises WireError where a name is cut or too long, or where a pointer does not point backwards, as in every loop.
    """
    names: list[str] = []
    at = 0
    while at < len(content):
        name, at = _name(content, at)
        names.append(name)
    return tuple(names)


def build_names(names: tuple[str, ...]) -> bytes:
    """The names one behind the other, uncompressed, as every receiver understands them."""
    return b"".join(build_name(name) for name in names)


def build_name(name: str) -> bytes:
    labels = _labels(name) if name else []
    for label in labels:
        if not 1 <= len(label) <= _LONGEST_LABEL:
            raise WireError(f"a label of a domain name has 1 to {_LONGEST_LABEL} bytes: {name!r}")
    content = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    if len(content) > _LONGEST_NAME:
        raise WireError(f"a domain name has at most {_LONGEST_NAME} bytes: {name!r}")
    return content


def _name(content: bytes, start: int) -> tuple[str, int]:
    """The name at `start` and the offset behind it."""
    labels: list[bytes] = []
    at, behind, earliest = start, 0, start
    while True:
        length = _byte(content, at)
        if length >= _POINTER:
            target = (length & ~_POINTER) << 8 | _byte(content, at + 1)
            if target >= earliest:
                raise WireError(f"a compression pointer to {target} does not point before {earliest}")
            behind = behind or at + 2
            at = earliest = target
            continue
        if length > _LONGEST_LABEL:
            raise WireError(f"a label of {length} bytes in a domain name")
        at += 1
        if length == 0:
            return _text(labels), behind or at
        if at + length > len(content):
            raise WireError("a domain name ends in one of its labels")
        labels.append(content[at : at + length])
        at += length
        if sum(len(label) + 1 for label in labels) + 1 > _LONGEST_NAME:
            raise WireError(f"a domain name of more than {_LONGEST_NAME} bytes")


def _byte(content: bytes, at: int) -> int:
    if at >= len(content):
        raise WireError("a domain name ends before its last label")
    return content[at]


def _text(labels: list[bytes]) -> str:
    return ".".join("".join(_escaped(bytes((byte,))) for byte in label) for label in labels)


def _escaped(byte: bytes) -> str:
    if byte in (b".", b"\\"):
        return "\\" + byte.decode()
    return byte.decode() if _PLAIN.fullmatch(byte) else f"\\{byte[0]:03}"


def _labels(name: str) -> list[bytes]:
    labels = [bytearray()]
    for number, escaped, dot, plain in _PIECE.findall(name):
        if dot:
            labels.append(bytearray())
            continue
        value = int(number) if number else ord(escaped or plain)
        if value > 0xFF or (value > 0x7F and not number):
            raise WireError(f"a domain name holds ASCII, other bytes as \\DDD: {name!r}")
        labels[-1].append(value)
    return [bytes(label) for label in labels]
