"""What fits into a field."""

from pxedoctor.wire.error import WireError


def require_bits(name: str, value: int, bits: int) -> None:
    """WireError unless `value` is an unsigned number of that many bits; `name` is the field's, e.g. "DHCPv4 hops"."""
    if not 0 <= value < 1 << bits:
        raise WireError(f"{name} is 0 to {(1 << bits) - 1}, not {value}")


def require_size(name: str, content: bytes, most: int, least: int = 0) -> None:
    if not least <= len(content) <= most:
        raise WireError(f"{name} has {least} to {most} bytes, not {len(content)}")
