"""What of a guest's boot a firewall should let pass, and the same as a rule: for iptables, for nft, for nft's JSON."""

import re
from typing import Literal

import msgspec

ServiceName = Literal["dhcp", "dhcpv6", "dns", "tftp", "http", "https"]
Protocol = Literal["udp", "tcp"]
# in: from guests to this host. out: this host's answers. bridged: from port to port of one bridge. routed: from guests
# through this host to somewhere else, and back. arriving: all that comes in through the bridge, at PREROUTING.
Direction = Literal["in", "out", "bridged", "routed", "arriving"]

# Protocol, the server's port, and the client's where it is fixed.
_PORTS: dict[ServiceName, tuple[Protocol, int, int]] = {
    "dhcp": ("udp", 67, 68),
    "dhcpv6": ("udp", 547, 546),
    "dns": ("udp", 53, 0),
    "tftp": ("udp", 69, 0),
    "http": ("tcp", 80, 0),
    "https": ("tcp", 443, 0),
}
_WORDS: dict[ServiceName, str] = {
    "dhcp": "DHCP",
    "dhcpv6": "DHCPv6",
    "dns": "DNS",
    "tftp": "TFTP",
    "http": "HTTP",
    "https": "HTTPS",
}
# A device's name that means itself alone in every program's language: iptables takes + for "any", nft takes *.
_PLAIN_DEVICE = r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}"


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """One service of a boot on one bridge of guests, in one direction."""

    interface: str
    service: ServiceName
    direction: Direction = "in"

    @property
    def protocol(self) -> Protocol:
        return _PORTS[self.service][0]

    @property
    def port(self) -> int:
        return _PORTS[self.service][1]

    @property
    def client_port(self) -> int:
        """0 where it is any."""
        return _PORTS[self.service][2]

    @property
    def name(self) -> str:
        return f"{_WORDS[self.service]} ({self.protocol.upper()} port {self.port})"

    @property
    def has_plain_device(self) -> bool:
        return re.fullmatch(_PLAIN_DEVICE, self.interface) is not None

    def __str__(self) -> str:
        match self.direction:
            case "in":
                return f"{self.name} from {self.interface} to this host"
            case "out":
                return f"this host's answers of {self.name} to {self.interface}"
            case "bridged":
                return f"frames from port to port of {self.interface}"
            case "routed":
                return f"{self.name} from {self.interface} through this host"
            case "arriving":
                return f"all that comes in through {self.interface}"

    @property
    def rules(self) -> "tuple[Admitted, ...]":
        """What must be accepted, each as one rule."""
        match self.direction:
            case "in":
                return (Admitted(in_device=self.interface, protocol=self.protocol, destination_port=self.port),)
            case "out":
                answer = Admitted(out_device=self.interface, protocol=self.protocol, source_port=self.port)
                return (msgspec.structs.replace(answer, destination_port=self.client_port),)
            case "bridged":
                return (Admitted(in_device=self.interface, out_device=self.interface, bridged=True),)
            case "routed":
                asked = Admitted(in_device=self.interface, protocol=self.protocol, destination_port=self.port)
                return (asked, Admitted(out_device=self.interface, replies=True))
            case "arriving":
                return (Admitted(in_device=self.interface),)


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of one accepting rule; "", 0 and False are no condition.

    `bridged`: br_netfilter carries it from one port to another (xt_physdev; nft's own tables have no such condition).
    `replies`: conntrack knows what it answers.
    """

    in_device: str = ""
    out_device: str = ""
    protocol: str = ""
    source_port: int = 0
    destination_port: int = 0
    bridged: bool = False
    replies: bool = False

    def iptables(self) -> tuple[str, ...]:
        """As iptables-save prints it (but for one space more that it prints after `physdev`)."""
        words: list[str] = []
        words += ["-i", self.in_device] if self.in_device else []
        words += ["-o", self.out_device] if self.out_device else []
        if self.protocol:
            words += ["-p", self.protocol, "-m", self.protocol]
            words += ["--sport", str(self.source_port)] if self.source_port else []
            words += ["--dport", str(self.destination_port)] if self.destination_port else []
        words += ["-m", "physdev", "--physdev-is-bridged"] if self.bridged else []
        words += ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"] if self.replies else []
        return tuple(words)

    def nft(self) -> tuple[str, ...]:
        words: list[str] = []
        words += ["iifname", f'"{self.in_device}"'] if self.in_device else []
        words += ["oifname", f'"{self.out_device}"'] if self.out_device else []
        words += [self.protocol, "sport", str(self.source_port)] if self.source_port else []
        words += [self.protocol, "dport", str(self.destination_port)] if self.destination_port else []
        words += ["ct", "state", "established,related"] if self.replies else []
        return tuple(words)

    def nft_json(self) -> list[dict[str, object]]:
        """The expressions of libnftables-json(5)."""
        found: list[dict[str, object]] = []
        for key, device in (("iifname", self.in_device), ("oifname", self.out_device)):
            found += [_equals({"meta": {"key": key}}, device)] if device else []
        for field, port in (("sport", self.source_port), ("dport", self.destination_port)):
            found += [_equals({"payload": {"protocol": self.protocol, "field": field}}, port)] if port else []
        if self.replies:
            states = {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}
            found.append({"match": states})
        return found


def _equals(left: dict[str, object], right: object) -> dict[str, object]:
    return {"match": {"op": "==", "left": left, "right": right}}
