"""Text on the wire. It is a stranger's: bytes that are no UTF-8 become backslash escapes, and never an error."""

from pxedoctor.wire.error import WireError


def read_text(content: bytes) -> str:
    return content.decode("utf-8", errors="backslashreplace")


def read_padded(content: bytes) -> str:
    """Text that the sender may have ended with NULs (RFC 2132 section 2 tells receivers to expect that)."""
    return read_text(content.rstrip(b"\0"))


def write_text(text: str) -> bytes:
    """UTF-8. Raises WireError for text that no bytes stand for, and for NUL, which ends a text on the wire."""
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WireError(f"not a text that can be sent: {text!r}") from error
    if b"\0" in content:
        raise WireError(f"a text on the wire holds no NUL: {text!r}")
    return content
