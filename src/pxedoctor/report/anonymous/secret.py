"""Bits and words that nobody can foretell without the key, and that are the same whenever the key is."""

import base64
import hashlib
import hmac


def digest(key: bytes, *parts: bytes) -> bytes:
    """32 bytes of the key and the parts; where one part ends and the next begins counts."""
    joined = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.new(key, joined, hashlib.sha256).digest()


def word(key: bytes, kind: str, name: str, length: int = 4) -> str:
    """Small letters and digits (base32: 5 bits each)."""
    raw = digest(key, kind.encode(), name.encode("utf-8", "surrogatepass"))
    return base64.b32encode(raw).decode().lower().rstrip("=")[:length]


def permuted(key: bytes, kind: str, value: int, bits: int) -> int:
    """Another value of so many bits (even), no two the same: a Feistel network of four rounds."""
    half = bits // 2
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for turn in range(4):
        mixed = digest(key, kind.encode(), bytes([turn]), right.to_bytes(8, "big"))
        left, right = right, left ^ (int.from_bytes(mixed[:8], "big") & mask)
    return left << half | right
