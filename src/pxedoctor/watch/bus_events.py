"""Listens to the system bus: firewalld that reloads, comes or goes; systemd that has started or stopped a unit.

1. Asking starts nobody: a firewalld that is not there is heard when it comes.
2. Anybody on the bus may send us a signal: it counts only from whoever owns the name it speaks for.
3. The bus is gone: `drain` raises ConnectionError, and this is of no use any more.

Sources: firewalld.dbus(5) `Reloaded`; org.freedesktop.systemd1(5) `Subscribe`, `JobRemoved`; the D-Bus specification.
"""

import re
from collections.abc import Iterator

import msgspec
from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_method_call
from jeepney.bus_messages import message_bus

from pxedoctor.access.bus import PATH, Bus

_BUS = "org.freedesktop.DBus"
_FIREWALLD = "org.fedoraproject.FirewallD1"
_SYSTEMD = "org.freedesktop.systemd1"
_MANAGER = DBusAddress("/org/freedesktop/systemd1", _SYSTEMD, "org.freedesktop.systemd1.Manager")
_ANSWER_SECONDS = 2.0
# Units that write rules, serve guests or make networks; a host's timers start others all day.
_UNITS = re.compile(
    r"(nftables|ip6?tables|netfilter-persistent|firewalld|ufw|shorewall|fail2ban|crowdsec.*|tailscaled|docker|podman|"
    r"containerd|kubelet|k3s.*|libvirtd|virt(network|qemu|nwfilter|interface)d|dnsmasq.*|isc-dhcp-server6?|dhcpd6?|"
    r"kea-.*|tftpd.*|in\.tftpd|networking|NetworkManager|systemd-networkd)(@.*)?\.service"
)


class BusChange(msgspec.Struct, frozen=True):
    """`source`: firewalld or systemd."""

    source: str
    what: str


class BusEvents:
    """Raises OSError when made where there is no bus. `systemd`: whether it is on this bus and tells of units."""

    def __init__(self, path: str = PATH) -> None:
        self._bus = Bus(_ANSWER_SECONDS, path)
        try:
            self._listen()
            self._owners = {name: self._owner(name) for name in (_FIREWALLD, _SYSTEMD)}
            self.systemd = bool(self._owners[_SYSTEMD]) and self._subscribed()
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._bus.fileno()

    def close(self) -> None:
        self._bus.close()

    def drain(self) -> tuple[BusChange, ...]:
        """What was said until now. Raises ConnectionError where the bus is gone."""
        return tuple(change for message in self._bus.unasked() for change in self._change(message))

    def _change(self, message: Message) -> Iterator[BusChange]:
        fields = message.header.fields
        sender, member = fields.get(HeaderFields.sender), fields.get(HeaderFields.member)
        if message.header.message_type is not MessageType.signal:
            return
        if sender == _BUS and member == "NameOwnerChanged" and message.body[0] in self._owners:
            self._owners[message.body[0]] = message.body[2]
            if message.body[0] == _FIREWALLD:
                yield BusChange("firewalld", f"firewalld {'runs now' if message.body[2] else 'has gone'}")
        elif sender and sender == self._owners[_FIREWALLD] and member == "Reloaded":
            yield BusChange("firewalld", "firewalld has reloaded its rules")
        elif sender and sender == self._owners[_SYSTEMD] and member == "JobRemoved":
            unit, result = message.body[2:4]
            if _UNITS.fullmatch(unit):
                yield BusChange("systemd", f"systemd has started or stopped {unit}: {result}")

    def _listen(self) -> None:
        for name in (_FIREWALLD, _SYSTEMD):
            owner = MatchRule(type="signal", sender=_BUS, interface=_BUS, member="NameOwnerChanged")
            owner.add_arg_condition(0, name)
            self._bus.answer(message_bus.AddMatch(owner))
        reloaded = MatchRule(type="signal", sender=_FIREWALLD, interface=_FIREWALLD, member="Reloaded")
        self._bus.answer(message_bus.AddMatch(reloaded))
        jobs = MatchRule(type="signal", sender=_SYSTEMD, interface=_MANAGER.interface, member="JobRemoved")
        self._bus.answer(message_bus.AddMatch(jobs))

    def _owner(self, name: str) -> str:
        """Its unique name; "" where nobody has it."""
        answer = self._bus.answer(message_bus.GetNameOwner(name))
        return str(answer.body[0]) if answer.header.message_type is MessageType.method_return else ""

    def _subscribed(self) -> bool:
        call = new_method_call(_MANAGER, "Subscribe")
        return self._bus.answer(call).header.message_type is MessageType.method_return
