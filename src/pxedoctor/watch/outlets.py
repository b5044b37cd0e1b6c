"""Where the keeper's events go: the terminal, the store, the journal, the hook, mail, and whoever counts them."""

from collections.abc import Callable

import msgspec

from pxedoctor.journal.events import Events, EventsError
from pxedoctor.report.harmless import shown
from pxedoctor.verdict.happened import EventWord, Happened
from pxedoctor.watch.errands import Errands
from pxedoctor.watch.happened import TellHappened
from pxedoctor.watch.policy import Policy

SENDMAIL = ("/usr/sbin/sendmail", "-t")


class Outlets:
    """An outlet that fails complains, and stops nobody; none of them is waited for.

    `show`: prints it. `keep`: the store.
    """

    def __init__(
        self,
        policy: Policy,
        show: TellHappened,
        complain: Callable[[str], None],
        keep: Events,
    ) -> None:
        self._show = show
        self._complain = complain
        self._events = keep
        self._also: list[TellHappened] = []
        self._mail_to = policy.mail
        self._hook = Errands(policy.hook, complain) if policy.hook else None
        self._mail = Errands(SENDMAIL, complain) if policy.mail else None

    def also(self, outlet: TellHappened) -> None:
        """One more; an OSError of it is complained of."""
        self._also.append(outlet)

    def tell(self, event: Happened) -> None:
        if event.event is EventWord.PROVISIONAL:
            # The word that stays follows within a second.
            self._show(event)
            return
        # Kept before it is shown: whoever has read it may end the keeper.
        try:
            self._events.add(event)
        except EventsError as error:
            self._complain(error.message)
        self._show(event)
        for outlet in self._also:
            try:
                outlet(event)
            except OSError as error:
                self._complain(f"an event went nowhere: {error.strerror or error}")
        if self._hook is not None:
            self._hook.hand_over(msgspec.json.encode(event))
        if self._mail is not None:
            self._mail.hand_over(mail(event, self._mail_to))

    def dropped(self) -> dict[str, int]:
        """How many events each slow program was not given."""
        slow = {"hook": self._hook, "mail": self._mail}
        return {name: errands.dropped for name, errands in slow.items() if errands is not None}

    def close(self) -> None:
        """Waits a while for the hook and for mail."""
        for errands in (self._hook, self._mail):
            if errands is not None:
                errands.close()


def mail(event: Happened, to: str) -> bytes:
    """A message for sendmail -t. A header is one line, whatever the host calls its things (RFC 5322 2.2)."""
    cause = event.finding.name if event.finding else event.what
    subject = shown(f"pxedoctor: {event.event}: {cause}")
    head = f"To: {shown(to)}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return head.encode() + msgspec.json.format(msgspec.json.encode(event)) + b"\n"
