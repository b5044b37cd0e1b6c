"""The probe's two doors: one bridge, or many at once."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence

from pxedoctor.model.observation import Probed
from pxedoctor.probe.asking import Asking, Record, Tell
from pxedoctor.probe.many import Failed, together
from pxedoctor.probe.one import plugged, probed

# What ends a program at once where it says nothing else. Of Ctrl-C asyncio makes the same as here.
_ENDS = (signal.SIGTERM, signal.SIGHUP)


async def probe(asking: Asking, tell: Tell, record: Record | None = None) -> Probed:
    """Plugs in, asks as `asking` says, and takes the port out again, whatever happens.

    `tell` hears of each thing as it happens. Raises ProbeError where the port cannot be made, would change the host,
    or is taken away meanwhile; then nothing of it is left either.
    """
    async with plugged((asking,), record) as port:
        return await probed(port, asking, tell)


def probe_all(
    askings: Sequence[Asking], tell: Tell, record: Record | None = None, failed: Failed | None = None
) -> tuple[Probed, ...]:
    """All of them at once, the answers in the order of the askings.

    A ProbeError of one is handed to `failed` with its asking, and the others go on; without `failed` the first one ends
    them all, and is raised. The askings of one bridge share one port. A wish to end the program is granted once leases
    are given back and ports are taken out.
    """
    ended: list[signal.Signals] = []

    async def all_of_them() -> tuple[Probed, ...]:
        with _ending_gently(ended):
            return await together(askings, tell, record, failed)

    try:
        return asyncio.run(all_of_them())
    finally:
        # The program ends here, as it would have ended then.
        for number in ended[:1]:
            signal.raise_signal(number)


@contextlib.contextmanager
def _ending_gently(ended: list[signal.Signals]) -> Iterator[None]:
    """In the block the task is cancelled by what would end the program; what somebody handles or ignores stays so."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def end(number: signal.Signals) -> None:
        ended.append(number)
        task.cancel()

    mine = [number for number in _ENDS if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        # Python hands signals to the main thread alone.
        mine = []
    for number in mine:
        loop.add_signal_handler(number, end, number)
    try:
        yield
    finally:
        for number in mine:
            loop.remove_signal_handler(number)
