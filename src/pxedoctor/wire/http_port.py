"""The ports by which a boot file may come over HTTP: the usual ones, and those of URLs that others name."""

import re
from collections.abc import Iterable

USUAL = (80, 8080)
_HTTPS = 443
# A name, an IPv4 or a bracketed IPv6 address, with whoever asks in front of it (RFC 3986, section 3.2).
_URL = rb"http(s?)://(?:[^\s/@\0]{1,255}@)?(?:\[[0-9A-Fa-f:.%]{2,64}\]|[^\s/:@\[\]\0]{1,255})(?::(\d{1,5}))?"


def ports_named(contents: Iterable[bytes]) -> tuple[int, ...]:
    """By URLs anywhere in them, as DHCP's messages have them, or a script; without the usual ones, and each once."""
    urls = (url for content in contents if b"http" in content for url in re.findall(_URL, content))
    found = (int(port or 0) or (_HTTPS if secure else USUAL[0]) for secure, port in urls)
    return tuple(dict.fromkeys(port for port in found if port not in USUAL and port < 65536))
