"""Options of DHCP: a code and bytes on the wire, a meaning in a registry (`dhcp4_known`, `dhcp6_known`, `pxe`, `ipxe`).

A message keeps its options as they came, in their order; what one means is asked for by name, and only then can it be
wrong. So a message with one bad option is a message, and the error tells which option is bad:

    ROUTER.of((IPv4Address("192.168.150.1"),))      -> Option(3, ...)
    ROUTER.find(message.options)                    -> a tuple of addresses, None, or WireError
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import msgspec

from pxedoctor.wire.bounds import require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.reader import Reader

_PAD, _END = 0, 255

Value = TypeVar("Value")


class Option(msgspec.Struct, frozen=True):
    """One option or sub-option. Whether code and length fit is the concern of what holds it."""

    code: int
    content: bytes


class Format(msgspec.Struct, Generic[Value], frozen=True):
    """How an option's content is read and written. `read` raises WireError; read(write(value)) == value."""

    read: Callable[[bytes], Value]
    write: Callable[[Value], bytes]


class Known(msgspec.Struct, Generic[Value], frozen=True):
    """A row of a registry: an option's code, its name there, and what its content looks like."""

    code: int
    name: str
    format: Format[Value]

    def of(self, value: Value) -> Option:
        return Option(self.code, self.format.write(value))

    def find(self, options: Iterable[Option]) -> Value | None:
        """What the option says; None where it is not there. Raises WireError, with its name, where it is malformed."""
        for option in options:
            if option.code == self.code:
                try:
                    return self.format.read(option.content)
                except WireError as error:
                    raise WireError(f"option {self.code} ({self.name}): {error}") from error
        return None


def parse_options(content: bytes, what: str) -> tuple[Option, ...]:
    """Options of one byte of code and one of length, up to the end option or the end (RFC 2132 section 2).

    Pads are passed over. Raises WireError where an option is cut; `what` names the place, e.g. "option 43".
    """
    reader = Reader(content, what)
    options: list[Option] = []
    while reader.left:
        code = reader.number(1, "option")
        if code == _END:
            break
        if code != _PAD:
            options.append(Option(code, reader.take(reader.number(1, "option"), f"option {code}")))
    return tuple(options)


def parse_plain(content: bytes, what: str) -> tuple[Option, ...]:
    """As `parse_options` where 0 and 255 are codes like others (option 82: RFC 3046 section 2.0)."""
    reader = Reader(content, what)
    options: list[Option] = []
    while reader.left:
        code = reader.number(1, "option")
        options.append(Option(code, reader.take(reader.number(1, "option"), f"option {code}")))
    return tuple(options)


def build_option(option: Option) -> bytes:
    """One option of at most 255 bytes."""
    require_size(f"option {option.code}", option.content, 0xFF)
    return bytes((option.code, len(option.content))) + option.content


def require_codes(options: tuple[Option, ...], what: str) -> None:
    """WireError for a code that stands for a pad or the end."""
    for option in options:
        if not _PAD < option.code < _END:
            raise WireError(f"a code in {what} is 1 to 254, not {option.code}")
