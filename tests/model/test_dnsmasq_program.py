"""What libvirt makes of dnsmasq's first line."""

import pytest

from pxedoctor.model.dnsmasq_program import DnsmasqProgram


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Dnsmasq version 2.90  Copyright (c) 2000-2024 Simon Kelley", "2.90"),
        ("Dnsmasq version pi-hole-2.81  Copyright (c) 2000-2020 Simon Kelley", "2.81"),
        ("Dnsmasq version UNKNOWN", None),
        ("dnsmasq version 2.90", None),
        ("", None),
    ],
)
def test_the_first_number_behind_the_greeting(said: str, version: str | None) -> None:
    assert DnsmasqProgram(path="/x", real="/x", answered=True, said=said).version == version


def test_a_program_that_failed_has_none() -> None:
    assert DnsmasqProgram(path="/x", real="/x", said="Dnsmasq version 2.90").version is None
