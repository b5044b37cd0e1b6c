"""Option 82: what a relay agent adds to a client's message (RFC 3046). Its sub-options know neither pad nor end."""

from typing import Any

from pxedoctor.wire.bounds import require_bits
from pxedoctor.wire.formats import ADDRESS4, BYTES, TEXT
from pxedoctor.wire.options import Format, Known, Option, build_option, parse_plain


def _write(options: tuple[Option, ...]) -> bytes:
    for option in options:
        require_bits("a relay agent sub-option's code", option.code, 8)
    return b"".join(build_option(option) for option in options)


RELAY_SUBOPTIONS: Format[tuple[Option, ...]] = Format(lambda content: parse_plain(content, "option 82"), _write)

CIRCUIT_ID = Known(1, "Agent Circuit ID", BYTES)
REMOTE_ID = Known(2, "Agent Remote ID", BYTES)
# RFC 3527, RFC 3993, RFC 5107.
LINK_SELECTION = Known(5, "Link selection", ADDRESS4)
SUBSCRIBER_ID = Known(6, "Subscriber-ID", TEXT)
SERVER_OVERRIDE = Known(11, "Server Identifier Override", ADDRESS4)

KNOWN: tuple[Known[Any], ...] = (CIRCUIT_ID, REMOTE_ID, LINK_SELECTION, SUBSCRIBER_ID, SERVER_OVERRIDE)
