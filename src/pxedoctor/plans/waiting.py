"""What a pending treatment still waits for, told from the host alone: a guest runs with what it was started with."""

import re

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.plans.record import Entry
from pxedoctor.plans.request import EditDefinition

_OF_MAC = r"/domain/devices/interface\[mac/@address='([0-9a-f:]+)'\]"
# The parts of a NIC that a guest takes at its full start, and the fact that holds each.
_READ = {("driver", "name"): "driver", ("mtu", "size"): "mtu"}


def waits_for(host: Host, entry: Entry) -> tuple[str, ...]:
    """One sentence a guest; () where the entry is not pending, or nothing of it stands any more."""
    if entry.outcome != "pending":
        return ()
    edits = [step.request for step in entry.steps if step.state == "done" and isinstance(step.request, EditDefinition)]
    return tuple(dict.fromkeys(_told(host, edit) for edit in edits if edit.document == "domain"))


def _told(host: Host, edit: EditDefinition) -> str:
    if isinstance(host.domains, Missing):
        return f"whether {edit.name} was started anew since could not be read: {host.domains.why}"
    domain = next((entry for entry in host.domains if entry.name == edit.name), None)
    if domain is None:
        return f"{edit.name} is not defined any more"
    if not domain.running:
        return f"{edit.name} is off: it is in force from its next start"
    match _in_force(domain, edit):
        case None:
            return f"whether {edit.name} runs with it is not told by libvirt"
        case True:
            return f"in force: {edit.name} was started anew since"
        case False:
            return f"still waits for a full shutdown and start of {edit.name}; a reboot from within is not enough"


def _in_force(domain: Domain, edit: EditDefinition) -> bool | None:
    if edit.child == "rng":
        return domain.rng
    found = re.fullmatch(_OF_MAC, edit.select)
    nic = next((entry for entry in domain.nics if found and entry.mac == found[1]), None)
    wished = [(_READ.get((edit.child, name)), value) for name, value in edit.attributes]
    if nic is None or any(field is None for field, _ in wished):
        return None
    return all(_value(nic, field or "") == (value or "") for field, value in wished)


def _value(nic: Nic, field: str) -> str:
    value = getattr(nic, field)
    return "" if value is None else str(value)
