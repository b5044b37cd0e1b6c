"""Which of the guest's questions nobody has answered: for them, and not longer than one of them takes, the dear look.

1. What leaves by the guest's port as an answer has come as far as any witness sees. Where it was on its way before is
   nobody's question, and others' packets need not pay for it.
2. A question without an answer is asked anew (DHCP, TFTP, ARP, a SYN: each has its retransmission): the next one is
   watched by all. Once that was so, all is known that can be known, for a while.
"""

import msgspec

from pxedoctor.wire.ethernet import ARP, IPV4, IPV6, SERVICE_VLAN, VLAN

# A server of this host answers in milliseconds; one in the LAN that asks another, too (dhcpd pings an address for 1 s).
PATIENCE_SECONDS = 0.5
# Before a witness that was called stands everywhere: nft on a busy host.
_READY_SECONDS = 0.3
# A firmware that asks in vain asks again within it: EDK2 after 4, 8, 16 and 32 s, iPXE after 10 at most.
AWAKE_SECONDS = 35.0
_AGAIN_SECONDS = 120.0
_UDP, _TCP, _ICMPV6 = 17, 6, 58
_SYN, _ACK = 0x02, 0x10
_SOLICITS, _ADVERTISES = 135, 136
_DHCP, _DNS, _TFTP, _DHCP6 = frozenset({67, 4011}), 53, 69, 547
_ANSWERS_DHCP = {68: "dhcp", 546: "dhcp6"}


class Question(msgspec.Struct):
    """`watched`: when one of its kind passed while all looked. Seconds after the trace began."""

    since: float
    last: float
    watched: float | None = None


class Unanswered:
    """What the guest has asked, by its kind, until an answer of that kind left by its port."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}

    def asked(self, kind: str, at: float, awake_since: float | None) -> None:
        """`awake_since`: since when all look; None: they rest."""
        found = self._open.setdefault(kind, Question(since=at, last=at))
        found.last = at
        if found.watched is not None and at - found.watched > _AGAIN_SECONDS:
            found.since, found.watched = at, None
        if found.watched is None and awake_since is not None and at > awake_since + _READY_SECONDS:
            found.watched = at

    def answered(self, kind: str) -> None:
        self._open.pop(kind, None)

    def calls(self, now: float) -> bool:
        """Whether all are to look."""
        return any(_calls(question, now) for question in self._open.values())


def _calls(question: Question, now: float) -> bool:
    if question.watched is not None:
        return now - question.watched < PATIENCE_SECONDS
    return now - question.since >= PATIENCE_SECONDS and now - question.last <= AWAKE_SECONDS


def question_in(content: bytes) -> str:
    """The kind of question that a frame of the guest's is; "" for none. Bytes are hostile, and may end anywhere."""
    kind, at = _opened(content)
    if kind == ARP:
        # Whoever asks for its own address hopes that nobody answers (RFC 5227).
        sender, target = content[at + 14 : at + 18], content[at + 24 : at + 28]
        return "arp" if _number(content, at + 6) == 1 and any(sender) and sender != target else ""
    if kind == IPV4:
        return _asked_by(content, at + 9, at + 20, _byte(content, at + 33))
    if kind == IPV6 and _byte(content, at + 6) == _ICMPV6:
        return "nd" if _byte(content, at + 40) == _SOLICITS and any(content[at + 8 : at + 24]) else ""
    return _asked_by(content, at + 6, at + 40, _byte(content, at + 53)) if kind == IPV6 else ""


def answer_in(content: bytes, own: bytes) -> str:
    """The kind of question that a frame answers which is for the guest's MAC, or names it as DHCP does; "" for none."""
    kind, at = _opened(content)
    if not content.startswith(own):
        named = kind == IPV4 and content[at + 56 : at + 62] == own and _number(content, at + 22) in _ANSWERS_DHCP
        return "dhcp" if named else ""
    if kind == ARP:
        return "arp" if _number(content, at + 6) == 2 else ""
    if kind == IPV4:
        return _answered_by(content, at + 9, at + 20)
    if kind == IPV6 and _byte(content, at + 6) == _ICMPV6:
        return "nd" if _byte(content, at + 40) == _ADVERTISES else ""
    return _answered_by(content, at + 6, at + 40) if kind == IPV6 else ""


def _asked_by(content: bytes, protocol: int, ports: int, flags: int) -> str:
    if _byte(content, protocol) == _TCP:
        return "tcp" if flags & _SYN and not flags & _ACK else ""
    to = _number(content, ports + 2)
    if _byte(content, protocol) != _UDP:
        return ""
    return "dhcp" if to in _DHCP else {_TFTP: "tftp", _DNS: "dns", _DHCP6: "dhcp6"}.get(to, "")


def _answered_by(content: bytes, protocol: int, ports: int) -> str:
    if _byte(content, protocol) == _TCP:
        return "tcp"
    if _byte(content, protocol) != _UDP:
        return ""
    if (to := _number(content, ports + 2)) in _ANSWERS_DHCP:
        return _ANSWERS_DHCP[to]
    return "dns" if _number(content, ports) == _DNS else "tftp"


def _opened(content: bytes) -> tuple[int, int]:
    """The protocol, and where it begins, behind one tag at most."""
    kind, at = _number(content, 12), 14
    return (_number(content, 16), 18) if kind in {VLAN, SERVICE_VLAN} else (kind, at)


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 2])


def _byte(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 1])
