"""What makes a device's setting outlast the next start: a step where one file says otherwise, else words."""

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.devices import said_of
from pxedoctor.plans.devices.wish import Already, Mtu, Wish
from pxedoctor.plans.lasting import Lasting
from pxedoctor.plans.owners.owner import FileChange, Told
from pxedoctor.plans.safety import Safety


def lasting_device(host: Host, wish: Wish, safety: Safety = Safety.SAFE, may_lose: str = "") -> Lasting:
    """`safety`, `may_lose`: of the live change, which this one repeats at each start."""
    if isinstance(host.network_files, Missing):
        return Lasting(
            told=f"{_ends(wish)}: where {wish.device} is configured was not read ({host.network_files.why})."
        )
    said = said_of(host, wish)
    if not said:
        return Lasting(told=f"{_ends(wish)}: {_nobody(wish)}.")
    told = next((entry.what for entry in said if isinstance(entry.what, Told)), None)
    if told is not None:
        instead = f" ({told.instead})" if told.instead else ""
        return Lasting(told=f"{_ends(wish)}; for good, by hand: {told.because}{instead}.")
    changes = [(entry.owner, entry.what) for entry in said if isinstance(entry.what, FileChange)]
    if not changes:
        places = ", ".join(entry.what.path for entry in said if isinstance(entry.what, Already))
        return Lasting(told=f"For good it is so already: {wish.words} for {wish.device} in {places}.")
    if len({owner for owner, _ in changes}) > 1 or len({change.path for _, change in changes}) < len(changes):
        places = ", ".join(f"{change.path} ({owner})" for owner, change in changes)
        return Lasting(told=f"{_ends(wish)}: {wish.device} is configured several times: {places}. Decide for one.")
    return Lasting(
        steps=tuple(
            ConfigureBridge(
                owner=owner, bridge=wish.device, words=wish.words, change=change, safety=safety, may_lose=may_lose
            )
            for owner, change in changes
        )
    )


def _ends(wish: Wish) -> str:
    return f"The live change of {wish.device} ends with its next start"


def _nobody(wish: Wish) -> str:
    if isinstance(wish, Mtu):
        return f"no file that pxedoctor reads sets an MTU for {wish.device}; its driver, DHCP or a script may"
    return f"no file that pxedoctor reads is about {wish.device}"
