"""Reading bytes from the front: each piece only if all of it is there."""

from pxedoctor.wire.error import WireError


class Reader:
    """What of `content` has not been read yet. `what` is its name in errors, e.g. "a DHCPv4 message"."""

    def __init__(self, content: bytes, what: str) -> None:
        self._content = content
        self._what = what
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def take(self, count: int, field: str) -> bytes:
        if count > self.left:
            raise WireError(f"{self._what} ends in its {field}: {count} bytes long, of which {self.left} are here")
        self._at += count
        return self._content[self._at - count : self._at]

    def number(self, count: int, field: str) -> int:
        return int.from_bytes(self.take(count, field))

    def rest(self) -> bytes:
        return self.take(self.left, "rest")

    def end(self) -> None:
        """Raises WireError where something is left."""
        if self.left:
            raise WireError(f"{self._what} is followed by {self.left} bytes that are not part of it")
