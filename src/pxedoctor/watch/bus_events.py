"""Listens to the system bus: firewalld that reloads, comes or goes; systemd that has started or stopped a unit.

1. Asking starts nobody: calls carry NO_AUTO_START, and a firewalld that is not there is heard when it comes.
2. Anybody on the bus may send us a signal: it counts only from whoever owns the name it speaks for.
3. The bus is gone: `drain` raises ConnectionError, and this is of no use any more.

Sources: firewalld.dbus(5) `Reloaded`; org.freedesktop.systemd1(5) `Subscribe`, `JobRemoved`; the D-Bus specification.
"""

import re
import time
from collections.abc import Iterator

import msgspec
from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageFlag, MessageType, Parser, new_method_call
from jeepney.auth import AuthenticationError
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import prep_socket

PATH = "/run/dbus/system_bus_socket"
_BUS = "org.freedesktop.DBus"
_FIREWALLD = "org.fedoraproject.FirewallD1"
_SYSTEMD = "org.freedesktop.systemd1"
_MANAGER = DBusAddress("/org/freedesktop/systemd1", _SYSTEMD, "org.freedesktop.systemd1.Manager")
_ANSWER_SECONDS = 2.0
_BLOCK = 64 * 1024
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
        self._parser = Parser()
        self._serial = 0
        self._early: list[Message] = []
        try:
            self._line = prep_socket(path, timeout=_ANSWER_SECONDS)
        except AuthenticationError as error:
            raise ConnectionError(0, f"the bus does not let us in: {error}") from error
        try:
            self._answer(message_bus.Hello())
            self._listen()
            self._owners = {name: self._owner(name) for name in (_FIREWALLD, _SYSTEMD)}
            self.systemd = bool(self._owners[_SYSTEMD]) and self._subscribed()
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        return int(self._line.fileno())

    def close(self) -> None:
        self._line.close()

    def drain(self) -> tuple[BusChange, ...]:
        """What was said until now. Raises ConnectionError where the bus is gone."""
        messages, self._early = self._early, []
        self._line.settimeout(0)
        try:
            while block := self._line.recv(_BLOCK):
                messages.extend(self._parsed(block))
            raise ConnectionError(0, "the bus has ended")
        except BlockingIOError:
            return tuple(change for message in messages for change in self._change(message))

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
            self._answer(message_bus.AddMatch(owner))
        reloaded = MatchRule(type="signal", sender=_FIREWALLD, interface=_FIREWALLD, member="Reloaded")
        self._answer(message_bus.AddMatch(reloaded))
        jobs = MatchRule(type="signal", sender=_SYSTEMD, interface=_MANAGER.interface, member="JobRemoved")
        self._answer(message_bus.AddMatch(jobs))

    def _owner(self, name: str) -> str:
        """Its unique name; "" where nobody has it."""
        answer = self._answer(message_bus.GetNameOwner(name))
        return str(answer.body[0]) if answer.header.message_type is MessageType.method_return else ""

    def _subscribed(self) -> bool:
        call = new_method_call(_MANAGER, "Subscribe")
        return self._answer(call).header.message_type is MessageType.method_return

    def _answer(self, call: Message) -> Message:
        """Raises OSError, TimeoutError among them. Signals that come meanwhile are kept."""
        self._serial += 1
        call.header.flags |= MessageFlag.no_auto_start
        self._line.settimeout(_ANSWER_SECONDS)
        self._line.sendall(call.serialise(serial=self._serial))
        deadline = time.monotonic() + _ANSWER_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            self._line.settimeout(left)
            block = self._line.recv(_BLOCK)
            if not block:
                raise ConnectionError(0, "the bus has ended")
            answers: list[Message] = []
            for message in self._parsed(block):
                is_ours = message.header.fields.get(HeaderFields.reply_serial) == self._serial
                (answers if is_ours else self._early).append(message)
            if answers:
                return answers[0]
        raise TimeoutError(0, "the bus does not answer")

    def _parsed(self, block: bytes) -> Iterator[Message]:
        """Raises ConnectionError where it is no D-Bus: nothing that follows can be understood."""
        try:
            yield from self._parser.feed(block)
        except (ValueError, IndexError, KeyError) as error:
            raise ConnectionError(0, f"the bus says what nobody understands: {error}") from error
