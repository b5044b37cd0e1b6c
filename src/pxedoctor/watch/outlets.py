"""Where the keeper's events go: the terminal, the store, the hook, mail, and the service manager."""

import os
import socket
import subprocess
from collections.abc import Callable

import msgspec

from pxedoctor.journal.events import Events, EventsError
from pxedoctor.verdict.happened import Happened
from pxedoctor.watch.policy import Policy

_HOOK_SECONDS = 10
_SENDMAIL = "/usr/sbin/sendmail"


class Outlets:
    """An outlet that fails complains, and stops nobody. `keep`: events go into the store."""

    def __init__(
        self, policy: Policy, show: Callable[[Happened], None], complain: Callable[[str], None], keep: bool
    ) -> None:
        self._policy = policy
        self._show = show
        self._complain = complain
        self._events = Events() if keep else None
        self.first_run = self._never_ran()

    def tell(self, event: Happened) -> None:
        self._show(event)
        if self._events is not None:
            try:
                self._events.add(event)
            except EventsError as error:
                self._complain(error.message)
        self._run_hook(event)
        self._send_mail(event)

    def ready(self) -> None:
        """Tells the service manager, where one started this (sd_notify(3))."""
        if why := notify("READY=1\nSTATUS=listening"):
            self._complain(why)

    def _never_ran(self) -> bool:
        try:
            return self._events is not None and self._events.begin()
        except EventsError as error:
            self._complain(error.message)
            return True

    def _run_hook(self, event: Happened) -> None:
        if self._policy.hook:
            self._hand_over(list(self._policy.hook), msgspec.json.encode(event))

    def _send_mail(self, event: Happened) -> None:
        if self._policy.mail:
            cause = event.finding.name if event.finding else event.what
            head = f"To: {self._policy.mail}\nSubject: pxedoctor: {event.event}: {cause}\n\n"
            self._hand_over([_SENDMAIL, "-t"], head.encode() + msgspec.json.format(msgspec.json.encode(event)) + b"\n")

    def _hand_over(self, argv: list[str], text: bytes) -> None:
        try:
            subprocess.run(argv, input=text, check=True, timeout=_HOOK_SECONDS, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as error:
            self._complain(f"{argv[0]}: {error}")


def notify(words: str) -> str:
    """One datagram to the service manager; nothing where none asked for it. Returns why that failed, or ""."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return ""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        try:
            line.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError as error:
            return f"the service manager does not listen: {error.strerror}"
    return ""
