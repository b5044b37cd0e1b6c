"""Which cases and exchanges of the lab `make test` leaves to `make long`: their guests are real, and boot for minutes.

What a case left here shows is shown in `make test` by another one of the same kind, or by the demo; of Secure Boot and
of a UEFI guest without random numbers by nobody else.
"""

from collections.abc import Collection, Sequence

import pytest

from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import cases as every_case
from pxedoctor.lab.catalogue import in_machines
from pxedoctor.lab.exchanges import Exchange
from pxedoctor.lab.machine.matrix import ROWS

LONG = (
    "bridge-forward-delay-with-real-firmware",
    "dhcp-reply-masqueraded-with-real-firmware",
    "ipxe-chain-loop",
    "libvirt-rules-missing-with-real-firmware",
    "option-rom-for-uefi-alone",
    "option-rom-switched-off",
    "port-not-forwarding",
    "proxydhcp-unreachable",
    "secure-boot-refuses-loader",
    "secure-boot-without-keys",
    "tap-without-bridge",
    "uefi-without-rng",
    "uefi-without-rng-of-2022",
)
# Others of iPXE and OVMF are left, and the records of all are read all the same.
LONG_EXCHANGES = (
    "ipxe-menu",
    "ipxe-proxy-port",
    "ovmf-http6",
    "ovmf-menu",
    "ovmf-proxy",
)


def shared(cases: Sequence[Case | Exchange], long: tuple[str, ...] = LONG) -> list[object]:
    """As parameters of a test, each with its name, and with its mark where it is long."""
    return [pytest.param(case, id=case.name, marks=_marks(case.name, long)) for case in cases]


def _marks(name: str, long: tuple[str, ...]) -> tuple[pytest.MarkDecorator, ...]:
    return (pytest.mark.long,) if name in long else ()


def share_of_the_matrix(ran: Collection[str]) -> str:
    """One line: which cases of the matrix are among those that `ran`, and which are left to which other verb."""
    cases = tuple(dict.fromkeys(row.case for row in ROWS))
    left = [name for name in cases if name not in ran]
    machines = {case.name for case in in_machines(every_case())}
    verbs = ["make long" if name in LONG else "make machine" if name in machines else "this run left" for name in left]
    told = (
        f"share: {len(cases) - len(left)} of the {len(cases)} cases of docs/matrix.md ran, on this host's own programs"
    )
    named = [
        f"{verb}: {', '.join(name for name, whose in zip(left, verbs, strict=True) if whose == verb)}"
        for verb in dict.fromkeys(verbs)
    ]
    return "; ".join([told, *named, "make matrix: other releases"])
