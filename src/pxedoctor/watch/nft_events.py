"""Listens to nf_tables: each transaction, and the process that made it."""

from msgspec.structs import replace

from pxedoctor.access.heard import Heard
from pxedoctor.access.netlink_socket import ACKNOWLEDGE, asked, opened
from pxedoctor.watch.nft_message import GET_GENERATION, GROUP, REQUEST, Change, Generation, generation_of, parse

_NETLINK_NETFILTER = 12
_RECEIVE_BYTES = 16 * 1024 * 1024
_ANSWER_BYTES = 1024 * 1024
# Of a storm that was heard late the kernel has kept tens of thousands; all at once they would be a memory of their own.
_PORTION = 512


class RuleEvents:
    """Raises OSError where the kernel does not let us listen. `lost`: how often the kernel had no room for more.

    `more`: the last `drain` has left some.
    """

    def __init__(self) -> None:
        self.lost = 0
        self.more = False
        self._changes = 0
        self._heard = Heard(_NETLINK_NETFILTER, room=_RECEIVE_BYTES, member=GROUP)

    def fileno(self) -> int:
        return self._heard.fileno()

    def close(self) -> None:
        self._heard.close()

    def drain(self) -> tuple[Generation, ...]:
        """The transactions that are done, in their order; a portion of them, where there are many."""
        self.more = False
        done: list[Generation] = []
        for datagram in self._heard.datagrams(self._lose):
            for message in parse(datagram):
                match message:
                    case Generation():
                        done.append(replace(message, changes=self._changes))
                        self._changes = 0
                    case Change():
                        self._changes += 1
            if len(done) >= _PORTION:
                self.more = True
                break
        return tuple(done)

    def _lose(self) -> None:
        self.lost += 1


def generation_now() -> int | None:
    """How many transactions there were since this network began; None where the kernel does not tell."""
    try:
        with opened(_NETLINK_NETFILTER) as link:
            answers = tuple(asked(link, GET_GENERATION, ACKNOWLEDGE, REQUEST, most=_ANSWER_BYTES))
    except OSError:
        return None
    return generation_of(answers[0]).number if answers else None
