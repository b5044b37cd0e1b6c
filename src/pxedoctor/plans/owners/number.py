"""Numbers, yes and no, and spans of time as the readers of network configuration take them."""

import re

_DECIMAL = r"(?a)\d{1,9}(?:\.\d{1,9})?"
_SPAN = r"(?a)\s*(\d{1,9}(?:\.\d{1,9})?)\s*([a-zµ]*)"
# systemd.time(7), in seconds; a number alone is seconds.
_UNITS = {
    "": 1.0,
    "usec": 1e-6,
    "us": 1e-6,
    "msec": 1e-3,
    "ms": 1e-3,
    "seconds": 1.0,
    "second": 1.0,
    "sec": 1.0,
    "s": 1.0,
    "minutes": 60.0,
    "minute": 60.0,
    "min": 60.0,
    "m": 60.0,
}


def decimal(text: str) -> float | None:
    """A plain number, not negative, with a fraction or without."""
    return float(text) if re.fullmatch(_DECIMAL, text) else None


def whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.A) else None


def span(text: str) -> float | None:
    """A span of time as systemd takes it, e.g. `15`, `2s`, `1s 500ms`, in seconds; None: not understood."""
    rest, total, parts = text.strip(), 0.0, 0
    while rest:
        match = re.match(_SPAN, rest)
        if match is None or match[2] not in _UNITS:
            return None
        total += float(match[1]) * _UNITS[match[2]]
        parts += 1
        rest = rest[match.end() :].strip()
    return total if parts else None
