"""How a dnsmasq of the host's own is told to leave one device to another server: in which file, and by whom restarted.

1. It must read a folder of configuration files, where a new one is made; else a file, which gets the lines at its top.
   The order of options decides about none of these (dnsmasq src/option.c, read_opts).
2. It must be a service that can be restarted by its name: systemd's own word for it, or, without systemd, the pid file
   that dnsmasq writes by default.
3. A dnsmasq that is told to serve the device itself is not told to leave it: two want it, and a person says who has it.
"""

import re

import msgspec

from pxedoctor.model.process import Process, ReadFrom
from pxedoctor.road.dnsmasq import Settings, names_device, settings_of

SHARING = ("bind-interfaces", "bind-dynamic")
# What makes dnsmasq forget --local-service (src/option.c, read_opts).
_ACCESS = ("interface", "except-interface", "listen-address", "auth-server")
_PID_FILES = frozenset({"/run/dnsmasq.pid", "/var/run/dnsmasq.pid"})
_UNIT = r"(?a)(dnsmasq[\w.@-]*)\.service"
# Nothing that dnsmasq takes for more than a name: a final star, a comma, a comment.
_DEVICE = r"(?a)[\w.:-]{1,15}"


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` for the file at `path`, which is `new` or gets them at its top; `checked_by` must accept what is there.

    `opens`: it answers DNS queries of its own networks alone by now (--local-service), and of everybody afterwards.
    """

    path: str
    new: bool
    lines: tuple[str, ...]
    checked_by: tuple[str, ...]
    service: str
    opens: bool


def room_on(process: Process, device: str) -> Room | str:
    """In words why there is none, where there is none."""
    settings = settings_of(process)
    if settings is None:
        return "its settings could not all be read"
    if not re.fullmatch(_DEVICE, device) or names_device(settings, device):
        return f"it is told to serve {device} itself"
    service = _service(process, settings)
    if not service:
        return f"{process.unit or 'somebody'} started it, and pxedoctor does not restart that"
    place = _place(process.read_from, device)
    if place is None:
        return "its settings are on its command line, in no file"
    path, new = place
    words = () if any(settings.has(word) for word in SHARING) else ("bind-dynamic",)
    named = tuple(f"--{source.option}={source.value}" for source in process.read_from if source.argument)
    return Room(
        path=path,
        new=new,
        lines=(f"# pxedoctor: {device} is another server's.", *words, f"except-interface={device}"),
        checked_by=("dnsmasq", "--test", *named),
        service=service,
        opens=settings.has("local-service") and not any(settings.has(word) for word in _ACCESS),
    )


def _service(process: Process, settings: Settings) -> str:
    if process.unit is not None:
        unit = re.fullmatch(_UNIT, process.unit)
        return unit[1] if unit else ""
    return "dnsmasq" if set(settings.values("pid-file")) <= _PID_FILES else ""


def _place(sources: tuple[ReadFrom, ...], device: str) -> tuple[str, bool] | None:
    for source in sources:
        folder, _, endings = source.value.partition(",")
        name = f"pxedoctor-not-{device}{_ending(endings)}"
        if source.option == "conf-dir" and not name.endswith(tuple(_left_out(endings))):
            return f"{folder.rstrip('/')}/{name}", True
    files = [source.value for source in sources if source.option == "conf-file"]
    return (files[0], False) if files else None


def _ending(endings: str) -> str:
    """What a name in a folder must end with: what is behind a star, where there is one (dnsmasq(8), --conf-dir)."""
    return next((ending[1:] for ending in endings.split(",") if ending.startswith("*")), ".conf")


def _left_out(endings: str) -> list[str]:
    return [ending for ending in endings.split(",") if ending and not ending.startswith("*")]
