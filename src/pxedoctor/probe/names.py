"""A boot server's name looked up as the client would: at the DNS servers of its lease, from its own address.

The questions go over the probe's port, so that the answer is the guest's and not this host's (RFC 1035). The messages
are dnspython's; it is imported only where a name has to be looked up.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from pxedoctor.dialogue.event import Heard
from pxedoctor.dialogue.wish import Send
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.station import Station
from pxedoctor.probe.waiting import until
from pxedoctor.wire.udp import Udp

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage

Sender = Callable[[Send, str], None]

_DNS = 53
# iPXE asks again after 0.25 s, then ever more slowly (src/net/udp/dns.c, retry.c); three questions outlast a lost one.
_WAITS = (1.0, 2.0, 3.0)
_FIRST_PORT, _PORTS = 49152, 16000
_LONGEST_NAME = 253


class Names:
    """`own`: the leased address, whose family is asked for; `servers`: of the lease; `domain`: added to a bare name."""

    def __init__(
        self, station: Station, send: Sender, own: IPv4Address | IPv6Address, servers: Sequence[str], domain: str = ""
    ) -> None:
        self._station = station
        self._send = send
        self._own = own
        self._servers = [ip_address(server) for server in servers]
        self._domain = domain

    async def find(self, name: str) -> IPv4Address | IPv6Address | str:
        """The first address of a name; else why there is none. Raises ProbeError where the port is taken away."""
        full = name if "." in name or not self._domain else f"{name}.{self._domain}"
        if not self._servers:
            return f"the boot server is named {full}, and the lease names no DNS server"
        question = _question(full, self._own.version)
        if question is None:
            return f"{full[:_LONGEST_NAME]!r} is no name of a host"
        why = ""
        for server in self._servers:
            answer = await self._asked(question, server)
            if answer is None:
                why = f"the DNS server {server} does not answer for {full}"
                continue
            return _address_in(answer, full, server)
        return why

    async def _asked(self, question: "Message", server: IPv4Address | IPv6Address) -> "QueryMessage | None":
        port = _FIRST_PORT + secrets.randbelow(_PORTS)
        answered: asyncio.Future[QueryMessage] = asyncio.get_running_loop().create_future()

        def hear(carried: Carried) -> None:
            heard = carried.event
            if isinstance(heard, Heard) and heard.source == server and heard.datagram.destination_port == port:
                answer = _answer(heard.datagram.payload, question)
                if answer is not None and not answered.done():
                    answered.set_result(answer)

        leave = self._station.listen(hear)
        datagram = Udp(source_port=port, destination_port=_DNS, payload=question.to_wire())
        try:
            for wait in _WAITS:
                self._send(Send(source=self._own, destination=server, datagram=datagram), "DNS")
                found = await until(self._station.port, answered, wait)
                if found is not None:
                    return found
        finally:
            leave()
        return None


def _question(name: str, version: int) -> "Message | None":
    from dns.exception import DNSException
    from dns.message import make_query

    try:
        return make_query(name, "A" if version == 4 else "AAAA")
    except (DNSException, UnicodeError):
        return None


def _answer(content: bytes, question: "Message") -> "QueryMessage | None":
    """None for what is no answer to the question: another's, or no DNS at all."""
    from dns.exception import DNSException
    from dns.message import QueryMessage, from_wire

    try:
        answer = from_wire(content)
    except (DNSException, ValueError):
        return None
    return answer if isinstance(answer, QueryMessage) and question.is_response(answer) else None


def _address_in(
    answer: "QueryMessage", name: str, server: IPv4Address | IPv6Address
) -> IPv4Address | IPv6Address | str:
    from dns.exception import DNSException
    from dns.rcode import to_text

    try:
        found = answer.resolve_chaining().answer
    except DNSException as error:
        return f"what {server} answers for {name} leads nowhere: {error}"
    if found is None:
        code = to_text(answer.rcode())
        said = "that it has no address" if code == "NOERROR" else code
        return f"the DNS server {server} says of {name}: {said}"
    return ip_address(str(min(found, key=str)))
