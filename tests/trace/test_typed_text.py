"""What a serial line's bytes look like on a screen."""

import pytest

from pxedoctor.trace.typed_text import as_seen


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (b"\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16.2)\r\n", "SeaBIOS (version 1.16.2)"),
        (b"\x1b[0;1miPXE 1.0.0\x1b[0m -- Open Source\r\n", "iPXE 1.0.0 -- Open Source"),
        (b"Ctrl-B...\x08 \x08\x08 \x08\x08 \x08\r\nnext", "Ctrl-B\nnext"),
        (b"Press Ctrl-B\r            \rBooting", "Booting"),
        (b"Configuring (net0)...", "Configuring (net0)..."),
        (b"one\r\n\n\n\n\ntwo\r\n", "one\n\ntwo"),
        (b"\xff\x00\x07bell", "\N{REPLACEMENT CHARACTER}bell"),
        (b"\x08\x08cut short\x1b[", "cut short["),
        (b"", ""),
    ],
)
def test_bytes_become_what_a_person_saw(raw: bytes, seen: str) -> None:
    assert as_seen(raw) == seen
