"""Asks firewalld itself for what firewall-cmd would ask it for: a few milliseconds instead of a Python that starts.

The four run-time changes of a zone that steps make are one call each, the same that firewall-cmd makes for them. For
all else, and where the bus or firewalld refuses, firewall-cmd has to be run: it says why in its own words, and takes
what is so already for done.

Source: firewalld.dbus(5), org.fedoraproject.FirewallD1.zone; firewall-cmd itself, which asks NetworkManager for
permanent changes alone.
"""

import re
from typing import TYPE_CHECKING

from pxedoctor.apply.error import NotGrantedError

if TYPE_CHECKING:
    from jeepney import Message

# As long as a step's program may run at all (apply.run).
_SECONDS = 60
_NAME = "org.fedoraproject.FirewallD1"
_PATH = "/org/fedoraproject/FirewallD1"
_CHANGE = re.compile(r"--(change-interface|remove-interface|add-service|remove-service)=(.+)", re.DOTALL)
_ZONE = "--zone="
# An opening of a service may be for some seconds; 0: until somebody takes it away.
_FOR_EVER = 0


def changed(argv: tuple[str, ...]) -> bool:
    """Whether firewalld has done what this command asks for; if not, nothing was done and the command has to be run.

    NotGrantedError where firewalld does not answer: it may still do it, and must not be asked twice.
    """
    found = _CHANGE.fullmatch(argv[2]) if len(argv) == 3 and argv[0] == "firewall-cmd" else None
    if found is None or not argv[1].startswith(_ZONE) or argv[1] == _ZONE:
        return False
    from jeepney import MessageType

    from pxedoctor.access.bus import Bus

    try:
        bus = Bus(_SECONDS)
    except OSError:
        return False
    try:
        answer = bus.answer(_call(found[1], argv[1].removeprefix(_ZONE), found[2]))
    except TimeoutError as error:
        raise NotGrantedError(f"firewalld does not answer within {_SECONDS} s") from error
    except (OSError, ValueError):
        return False
    finally:
        bus.close()
    return answer.header.message_type is MessageType.method_return


def _call(change: str, zone: str, what: str) -> "Message":
    from jeepney import DBusAddress, new_method_call

    zones = DBusAddress(_PATH, _NAME, f"{_NAME}.zone")
    match change:
        case "change-interface":
            return new_method_call(zones, "changeZoneOfInterface", "ss", (zone, what))
        case "remove-interface":
            return new_method_call(zones, "removeInterface", "ss", (zone, what))
        case "add-service":
            return new_method_call(zones, "addService", "ssi", (zone, what, _FOR_EVER))
        case _:
            return new_method_call(zones, "removeService", "ss", (zone, what))
