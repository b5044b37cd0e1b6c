"""The probe's two doors: one bridge, or many at once."""

import asyncio
from collections.abc import Sequence

from pxedoctor.model.observation import Probed
from pxedoctor.probe.asking import Asking, Record, Tell
from pxedoctor.probe.many import Failed, together
from pxedoctor.probe.one import plugged, probed


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
    them all, and is raised. The askings of one bridge share one port.
    """
    return asyncio.run(together(askings, tell, record, failed))
