"""TFTP with options (RFC 1350, 2347, 2348, 2349, 7440)."""

from enum import IntEnum

import msgspec

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError
from pxedoctor.wire.reader import Reader
from pxedoctor.wire.text import read_text, write_text

PORT = 69
OCTET = "octet"
# RFC 1350 section 2; the range: RFC 2348.
BLOCK_SIZE = 512
LARGEST_BLOCK = 65464

_READ, _WRITE, _DATA, _ACK, _ERROR, _OPTIONS = 1, 2, 3, 4, 5, 6


class ErrorCode(IntEnum):
    """RFC 1350 appendix, RFC 2347 for the last."""

    UNDEFINED = 0
    NOT_FOUND = 1
    ACCESS_VIOLATION = 2
    DISK_FULL = 3
    ILLEGAL_OPERATION = 4
    UNKNOWN_TRANSFER = 5
    FILE_EXISTS = 6
    NO_SUCH_USER = 7
    OPTION_REFUSED = 8


# Name and value in the order sent, as written; names are compared without case (RFC 2347).
Options = tuple[tuple[str, str], ...]


class ReadRequest(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    mode: str = OCTET
    options: Options = ()

    def __post_init__(self) -> None:
        _require_request(self.file, self.mode, self.options)


class WriteRequest(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    mode: str = OCTET
    options: Options = ()

    def __post_init__(self) -> None:
        _require_request(self.file, self.mode, self.options)


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """`block` counts from 1 and wraps after 65535."""

    block: int
    content: bytes

    def __post_init__(self) -> None:
        require_bits("a TFTP block number", self.block, 16)
        require_size("a TFTP block", self.content, LARGEST_BLOCK)


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    block: int

    def __post_init__(self) -> None:
        require_bits("a TFTP block number", self.block, 16)


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is an ErrorCode, or a number that no standard knows."""

    code: int
    message: str = ""

    def __post_init__(self) -> None:
        require_bits("a TFTP error code", self.code, 16)
        write_text(self.message)


class OptionAck(msgspec.Struct, frozen=True, kw_only=True):
    """OACK: the options that the server grants, each at most once."""

    options: Options = ()

    def __post_init__(self) -> None:
        _require_options(self.options)


Tftp = ReadRequest | WriteRequest | Data | Ack | Error | OptionAck


def parse(content: bytes) -> Tftp:
    """`content` is a datagram's payload. Raises WireError where it is cut or no TFTP."""
    reader = Reader(content, "a TFTP packet")
    match reader.number(2, "opcode"):
        case 1 | 2 as opcode:
            file, mode, *rest = _strings(reader.rest(), least=2)
            shape = ReadRequest if opcode == _READ else WriteRequest
            return shape(file=file, mode=mode, options=_pairs(rest))
        case 3:
            return Data(block=reader.number(2, "block number"), content=reader.rest())
        case 4:
            block = reader.number(2, "block number")
            reader.end()
            return Ack(block=block)
        case 5:
            # Some servers leave out the NUL at the end; what they say is said all the same.
            code, message = reader.number(2, "error code"), reader.rest().partition(b"\0")[0]
            return Error(code=code, message=read_text(message))
        case 6:
            return OptionAck(options=_pairs(_strings(reader.rest(), least=0)))
        case opcode:
            raise WireError(f"TFTP opcode {opcode} is none of 1 to 6")


def build(packet: Tftp) -> bytes:
    match packet:
        case ReadRequest() | WriteRequest():
            opcode = _READ if isinstance(packet, ReadRequest) else _WRITE
            return opcode.to_bytes(2) + _terminated(packet.file, packet.mode, *_flat(packet.options))
        case Data():
            return _DATA.to_bytes(2) + packet.block.to_bytes(2) + packet.content
        case Ack():
            return _ACK.to_bytes(2) + packet.block.to_bytes(2)
        case Error():
            return _ERROR.to_bytes(2) + packet.code.to_bytes(2) + _terminated(packet.message)
        case OptionAck():
            return _OPTIONS.to_bytes(2) + _terminated(*_flat(packet.options))


def option(options: Options, name: str) -> str | None:
    """The option's value as written; None where it is not there. The first counts where a sender repeats one."""
    return next((value for key, value in options if key.lower() == name), None)


def number(options: Options, name: str, least: int, most: int) -> int | None:
    """The value of an option that is a decimal number. Raises WireError where it is none, or out of its range."""
    text = option(options, name)
    if text is None:
        return None
    # int() would take "+8", " 8" and digits of other scripts, and more of them than anybody needs.
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and least <= int(text) <= most):
        raise WireError(f"TFTP option {name} is a number from {least} to {most}, not {text!r}")
    return int(text)


def _strings(content: bytes, least: int) -> list[str]:
    pieces = content.split(b"\0")
    if pieces.pop():
        raise WireError("a TFTP packet ends in one of its texts")
    if len(pieces) < least:
        raise WireError("a TFTP request without file name or mode")
    return [read_text(piece) for piece in pieces]


def _pairs(strings: list[str]) -> Options:
    if len(strings) % 2:
        raise WireError(f"TFTP option {strings[-1]!r} without a value")
    return tuple(zip(strings[::2], strings[1::2], strict=True))


def _flat(options: Options) -> list[str]:
    return [text for pair in options for text in pair]


def _terminated(*texts: str) -> bytes:
    return b"".join(write_text(text) + b"\0" for text in texts)


def _require_request(file: str, mode: str, options: Options) -> None:
    write_text(file)
    write_text(mode)
    _require_options(options)


def _require_options(options: Options) -> None:
    for text in _flat(options):
        write_text(text)
