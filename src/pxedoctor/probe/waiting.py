"""Waiting for something at a port that may be taken away meanwhile."""

import asyncio
from typing import TypeVar

from pxedoctor.probe.port import Port

T = TypeVar("T")


async def until(port: Port, wanted: asyncio.Future[T], seconds: float | None = None) -> T | None:
    """The result; None where the time is over first. Raises ProbeError where the port goes away first."""
    done, _ = await asyncio.wait((wanted, port.gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if wanted in done:
        return wanted.result()
    if port.gone in done:
        port.gone.result()
    return None


async def forwarding(port: Port, seconds: float) -> bool:
    """Whether the port forwards, at once or within so many seconds."""
    if port.forwards.is_set():
        return True
    waiting = asyncio.ensure_future(port.forwards.wait())
    try:
        return await until(port, waiting, seconds) is not None
    finally:
        waiting.cancel()


async def pause(port: Port, seconds: float) -> None:
    """Raises ProbeError where the port goes away meanwhile."""
    if seconds > 0:
        await until(port, asyncio.get_running_loop().create_future(), seconds)
