"""Any text under other names: UUIDs and MACs, addresses, then the names of hosts, guests and networks.

The same text gives the same text whatever it stands in, so that what was one thing before is one thing afterwards:
the question of a snapshot and its answer, a rule and the finding about it.
"""

import functools
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from pxedoctor.report.anonymous.address import Addresses
from pxedoctor.report.anonymous.names import Named, spellings

_UUID = re.compile(r"(?i)(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])")
# A MAC, or a longer identifier that ends in one (RFC 2132 9.14: 01 and a MAC; RFC 8415 11.2: a DUID).
_MAC = re.compile(r"(?i)(?<![0-9a-f:])(?:[0-9a-f]{2}:)*(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f]|:[0-9a-f])")
_DASHED = re.compile(r"(?i)(?<![0-9a-f-])(?:[0-9a-f]{2}-){5,6}[0-9a-f]{2}(?![0-9a-f]|-[0-9a-f])")
# sysfs: bridge/bridge_id.
_BRIDGE_ID = re.compile(r"(?i)(?<![0-9a-f.])([0-9a-f]{4}\.)([0-9a-f]{12})(?![0-9a-f])")
_IPV6 = re.compile(
    r"(?i)(?<![0-9a-z:.])((?:[0-9a-f]{0,4}:){2,8}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}))(?![0-9a-f:])(/\d{1,3})?"
)
_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?!\.?\d)(/\d{1,2}(?!\d))?")
# /proc/net/udp and its kin: an address as the words of this machine's memory, and a port.
_IN_MEMORY = re.compile(r"(?<![0-9A-F])([0-9A-F]{8}|[0-9A-F]{32})(?=:[0-9A-F]{4}(?![0-9A-F:]))")
_HOME = re.compile(r"(/home/)([^/\s'\"<>:,]+)")
_FREE_TEXT = re.compile(r"(?s)(<(title|description)\b[^<>]*>)[^<]*(</\2\s*>)")
_METADATA = re.compile(r"(?s)(<metadata\b[^<>]*>)(.*?)(</metadata>)")
_LIBOSINFO = re.compile(r"(?s)<libosinfo:libosinfo\b.*?</libosinfo:libosinfo>")
# Where a name surely stands as a name, though it is a word of the texts.
_AS_A_NAME = (
    r"(<name>)({})(</name>)",
    r"""(<source network=['"])({})(['"])""",
    r"(/)({})(\.(?:xml|conf|pid|status|leases|log|monitor|sock)\b)",
    r"(-name (?:guest=)?)({})(?=[,\s])()",
    r"(?m)^()({})(\.xml|\.conf|\.pid)$",
)


class Anonymous:
    """Calls texts by other names. `secret` is why nobody can find the old ones; the same one gives the same ones."""

    def __init__(self, addresses: Addresses, names: Iterable[Named], macs: Iterable[str] = ()) -> None:
        """`macs`: those of this host, which some texts write without any separator (enx525400..., machine paths)."""
        self._addresses = addresses
        self.names = tuple(names)
        self._exact = {named.name: named.instead for named in self.names}
        self._everywhere = _pattern(named for named in self.names if named.everywhere)
        self._instead = {spelt: n.instead for n in self.names if n.everywhere for spelt in spellings(n.name)}
        self._bare = {mac.replace(":", "").lower(): mac.lower() for mac in macs}
        self._bare_pattern = re.compile("(?i)" + "|".join(map(re.escape, self._bare))) if self._bare else None
        self._known = functools.lru_cache(maxsize=4096)(self._address)

    def name(self, text: str) -> str:
        """What is a name and nothing else."""
        return self._exact.get(text) or self.text(text)

    def text(self, text: str) -> str:
        """Any text; what names nothing stays as it is."""
        text = _METADATA.sub(_only_libosinfo, _FREE_TEXT.sub(r"\1\3", text)) if "<" in text else text
        text = _UUID.sub(lambda match: self._addresses.uuid(match.group()), text)
        text = _BRIDGE_ID.sub(lambda match: match.group(1) + self._addresses.mac(match.group(2)), text)
        text = _MAC.sub(lambda match: self._identifier(match.group(), ":"), text)
        text = _DASHED.sub(lambda match: self._identifier(match.group(), "-"), text)
        if self._bare_pattern is not None:
            text = self._bare_pattern.sub(lambda match: self._addresses.mac(match.group()), text)
        text = _IPV6.sub(lambda match: self._known(match.group(1), match.group(2) or ""), text)
        text = _IPV4.sub(lambda match: self._known(match.group(1), match.group(2) or ""), text)
        text = _IN_MEMORY.sub(lambda match: self._in_memory(match.group()), text)
        return self._named(text)

    def _identifier(self, text: str, part: str) -> str:
        """A MAC in its own case; of a longer identifier the last six bytes are one."""
        head, tail = text[:-17], text[-17:]
        told = self._addresses.mac(tail.lower())
        return head + (told.upper() if tail.upper() == tail and tail.lower() != tail else told)

    def _address(self, text: str, length: str) -> str:
        try:
            address: IPv4Address | IPv6Address = IPv6Address(text) if ":" in text else IPv4Address(text)
        except ValueError:
            return text + length
        told: IPv4Address | IPv6Address
        told = self._addresses.ipv6(address) if isinstance(address, IPv6Address) else self._addresses.ipv4(address)
        bits = address.max_prefixlen - int(length[1:] or 0) if length else 0
        if 0 < bits <= address.max_prefixlen and int(address) & ((1 << bits) - 1) == 0:
            told = type(told)(int(told) >> bits << bits)
        return f"{told}{length}"

    def _in_memory(self, text: str) -> str:
        words = [int.from_bytes(bytes.fromhex(text[at : at + 8])[::-1], "big") for at in range(0, len(text), 8)]
        value = int.from_bytes(b"".join(word.to_bytes(4, "big") for word in words), "big")
        told = int(
            self._addresses.ipv4(IPv4Address(value)) if len(words) == 1 else self._addresses.ipv6(IPv6Address(value))
        )
        raw = told.to_bytes(4 * len(words), "big")
        return "".join(raw[at : at + 4][::-1].hex().upper() for at in range(0, len(raw), 4))

    def _named(self, text: str) -> str:
        if self._everywhere is not None:
            text = self._everywhere.sub(lambda match: self._instead[match.group()], text)
        for named in self.names:
            if not named.everywhere and named.name in text:
                for pattern in _AS_A_NAME:
                    text = re.sub(pattern.format(re.escape(named.name)), rf"\g<1>{named.instead}\g<3>", text)
        return _HOME.sub(r"\1user", text) if "/home/" in text else text


def _only_libosinfo(match: "re.Match[str]") -> str:
    return match.group(1) + "".join(_LIBOSINFO.findall(match.group(2))) + match.group(3)


def _pattern(names: Iterable[Named]) -> "re.Pattern[str] | None":
    """Each spelling as a word of its own; a name inside of a longer word is another name."""
    spelt = {spelling for named in names for spelling in spellings(named.name)}
    ordered = sorted(spelt, key=lambda one: (-len(one), one))
    return re.compile("|".join(_bounded(one) for one in ordered)) if ordered else None


def _bounded(spelling: str) -> str:
    # The name of a unit has \x2d where a guest's number ends.
    before = r"(?:(?<![A-Za-z0-9])|(?<=\\x2d))" if spelling[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if spelling[-1].isalnum() else ""
    return before + re.escape(spelling) + after
